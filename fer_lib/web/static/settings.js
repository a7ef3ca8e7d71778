/** The constants of fer_lib/live/frontend.py, which the page brings with it. */
export const settings = JSON.parse(document.getElementById("content").dataset.settings);
