"""The demo that runs in a browser alone: `build.build` writes it as a folder of static files.

Its pages are the website's Image and Real-time pages, with another engine: `worker.js` runs both
networks on LiteRT.js. `service_worker.js` keeps the pages for use without a network.
"""
