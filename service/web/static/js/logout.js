// Ends the login, also for who kept its cookie, and goes to where the next one begins.

import { toast } from "./dom.js";

document.getElementById("logout").addEventListener("click", async () => {
  const response = await fetch("/v1/session", { method: "DELETE", headers: { "X-Ringsight-Request": "1" } }).catch(() => null);
  if (response?.ok || response?.status === 401) location.assign("/login");
  else toast("You are still logged in: the server can't be reached. Try again.");
});
