// A call that may be refused: unlike sentia_ops.post, the caller tells the user, and knows a conflict from the rest.
// Returns {data, message}, or {error: {code, message}}.
async function ask_server(method, args) {
	const headers = { Accept: "application/json", "Content-Type": "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token };
	const silent = { error: { code: "unavailable", message: __("The server did not answer.") } };
	try {
		const url = `/api/method/sentia_ops.api.workbench.${method}`;
		const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(args) });
		const answer = await response.json();
		return answer.success ? answer : { error: answer.error || silent.error };
	} catch {
		return silent;
	}
}
