// Keeps the demo's files, so that it works offline, and asks no server for them again. The build
// defines FILES and VERSION. A new version is used once no page of the former one is open.

const CACHE = `expressions ${self.registration.scope} ${VERSION}`;

async function keep() {
  const cache = await caches.open(CACHE);
  // What the browser has already loaded is only checked, not loaded again.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "no-cache" })));
}

async function forgetOthers() {
  const own = CACHE.slice(0, -VERSION.length);
  for (const name of await caches.keys()) {
    if (name.startsWith(own) && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function respond(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(respond(event.request));
});
