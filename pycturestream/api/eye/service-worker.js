/**
 * Keeps a copy of the page's own files, so that it opens without a connection and says so.
 *
 * No picture, sentence or token passes here. A change of any file needs another VERSION (a test
 * says which): a browser then fetches all of them again and deletes the old copy.
 */

const VERSION = "77436c5531b4";
const CACHE = `eye-${VERSION}`;
const FILES = [
  "/eye",
  "/eye/app.js",
  "/eye/camera.js",
  "/eye/connection.js",
  "/eye/find_dialog.js",
  "/eye/icons/icon-180.png",
  "/eye/icons/icon-192.png",
  "/eye/icons/icon-512.png",
  "/eye/icons/icon.svg",
  "/eye/lens.js",
  "/eye/manifest.webmanifest",
  "/eye/pace.js",
  "/eye/pictures.js",
  "/eye/settings.js",
  "/eye/settings_dialog.js",
  "/eye/signals.js",
  "/eye/speaker.js",
  "/eye/speaking.js",
  "/eye/style.css",
  "/eye/texts.js",
  "/eye/texts/de.json",
  "/eye/texts/en.json",
  "/eye/texts/es.json",
  "/eye/texts/fr.json",
  "/eye/wake_lock.js",
];

self.addEventListener("install", (event) => {
  const requests = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(requests))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith("eye-") && name !== CACHE))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || !FILES.includes(pathname)) return;
  event.respondWith(
    caches
      .open(CACHE)
      .then((cache) => cache.match(pathname))
      .then((copy) => copy ?? fetch(event.request)),
  );
});
