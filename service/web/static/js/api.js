// Talks to the API. An error becomes an exception with the problem document's sentence.

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { headers: { Accept: "application/json", ...options.headers }, ...options });
  } catch {
    throw new Error("The server can't be reached. Is it running?");
  }
  if (response.status === 401) {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    return new Promise(() => {});
  }
  if (response.status === 204) return null;
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    const error = new Error(body?.detail ?? `The server answered ${response.status}.`);
    error.status = response.status;
    throw error;
  }
  return body;
}

/** GET with query parameters; null and "" are left out, lists are repeated. */
export function get(path, query = {}, signal) {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== null && one !== undefined && one !== "") search.append(name, one);
  }
  const text = search.toString();
  return ask(text ? `${path}?${text}` : path, { signal });
}

export function post(path, body) {
  return ask(path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-Ringsight-Request": "1", Accept: "application/json" },
  });
}

export const ringPath = (id) => `/v1/rings/${encodeURIComponent(id)}`;
export const accountPath = (id) => `/v1/accounts/${encodeURIComponent(id)}`;
