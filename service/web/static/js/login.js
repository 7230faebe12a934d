// Logs in and goes back to where the page was asked for.
const form = document.getElementById("login");
const wrong = document.getElementById("wrong");

/** Only a path on this server: never another site. */
function next() {
  const asked = new URL(new URLSearchParams(location.search).get("next") ?? "/", location.origin);
  return asked.origin === location.origin ? asked.pathname + asked.search : "/";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch("/v1/session", {
    method: "POST", body: JSON.stringify({ key: form.elements.key.value }),
    headers: { "Content-Type": "application/json", "X-Ringsight-Request": "1" },
  }).catch(() => null);
  if (response?.ok) return location.assign(next());
  const problem = await response?.json().catch(() => null);
  wrong.textContent = problem?.detail ?? "The server can't be reached. Is it running?";
  wrong.hidden = false;
});
