// Keeps the demo in this browser (fer_lib/web/browser/service_worker.js), so that it works offline.

if (navigator.serviceWorker) {
  navigator.serviceWorker.register("service_worker.js");
  navigator.serviceWorker.ready.then(() => {
    document.getElementById("offline").hidden = false;
  });
}
