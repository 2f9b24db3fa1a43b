// The rows as a CSV file, figures as plain numbers, for a spreadsheet.

const EXPORTED = ["item_code", "item_name", "item_group", "service_class", "warehouse", "company", "on_hand", "projected"];
EXPORTED.push("days_of_cover", "buffer", "action", "supplier", "from_warehouse", "unit_price", "currency", "order_by");
EXPORTED.push("need_by", "qty", "stock_uom", "wanted_qty", "cut_by", "cost", "urgency", "stockout_risk", "name");

function to_csv(rows) {
	const lines = [EXPORTED, ...rows.map((row) => EXPORTED.map((name) => row[name]))];
	return "\ufeff" + lines.map((line) => line.map(csv_field).join(",")).join("\r\n") + "\r\n";
}

function csv_field(value) {
	if (is_empty(value)) return "";
	if (typeof value === "number") return String(value);
	const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value; // a spreadsheet would run it as a formula
	return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

function download_csv(rows) {
	const blob = new Blob([to_csv(rows)], { type: "text/csv;charset=utf-8" });
	const link = document.createElement("a");
	link.href = URL.createObjectURL(blob);
	link.download = `reorder-workbench-${frappe.datetime.get_today()}.csv`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
