// Calls to the app's REST endpoints, which answer in their own envelope and not in Frappe's `message`.
frappe.provide("sentia_ops");

/** The endpoint's data; null after a refusal, which the user has been told. */
sentia_ops.post = async function (method, args = {}) {
	const { ok, body } = await call(method, { method: "POST", body: JSON.stringify(args) });
	if (ok) return body.data;
	const reason = body.error?.message || __("The server did not answer.");
	frappe.msgprint({ title: __("Not done"), indicator: "red", message: sentia_ops.text(reason) });
	return null;
};

/** The endpoint's data; null when it cannot be had just now. */
sentia_ops.get = async function (method, args = {}) {
	const { ok, body } = await call(`${method}?${new URLSearchParams(args)}`, {});
	return ok ? body.data : null;
};

async function call(method, options) {
	const headers = {
		Accept: "application/json",
		"Content-Type": "application/json",
		"X-Frappe-CSRF-Token": frappe.csrf_token,
	};
	try {
		const response = await fetch(`/api/method/${method}`, { headers, ...options });
		return { ok: response.ok, body: await response.json() };
	} catch {
		return { ok: false, body: {} };
	}
}
