// Logs in and goes back to where the page was asked for.
const form = document.getElementById("login");
const wrong = document.getElementById("wrong");

/** Only an address of this server, and whole: a path such as `//host` would be taken for another site. */
function next() {
  const asked = new URLSearchParams(location.search).get("next") ?? "/";
  const url = URL.canParse(asked, location.origin) ? new URL(asked, location.origin) : null;
  return url?.origin === location.origin ? url.href : "/";
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
