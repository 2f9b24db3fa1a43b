// Draws a chart when it comes into sight, and filters the searchable table.
(() => {
	const figures = JSON.parse(document.getElementById("figures").textContent);
	const draw = (place) => {
		const figure = figures[place.dataset.figure];
		if (place.dataset.drawn || !figure) return;
		place.dataset.drawn = "yes";
		Plotly.newPlot(place, figure.data, figure.layout, { responsive: true, displayModeBar: false });
	};
	const watcher = new IntersectionObserver(
		(entries) => entries.filter((e) => e.isIntersecting).forEach((e) => draw(e.target)),
		{ rootMargin: "300px" }
	);
	const places = document.querySelectorAll("[data-figure]");
	places.forEach((place) => watcher.observe(place));
	addEventListener("beforeprint", () =>
		places.forEach((place) => {
			if (place.offsetParent) draw(place);
		})
	);

	// Paper is narrower than the screen.
	matchMedia("print").addEventListener("change", () =>
		places.forEach((place) => {
			if (place.dataset.drawn && place.offsetParent) Plotly.Plots.resize(place);
		})
	);

	// The Gantt of the schedule; a click on an operation tells why it is there, and the whole way of its job.
	const plan = document.getElementById("schedule");
	if (plan) {
		const payload = JSON.parse(plan.textContent);
		const jobs = new Map(payload.jobs.map((job) => [job.job, job]));
		const why = document.getElementById("why");
		const line = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
		const on_select = (operation) => {
			why.textContent = "";
			if (!operation) return;
			const job = jobs.get(operation.job);
			why.append(line("b", `${operation.operation || operation.step} of ${operation.job}: `), line("span", operation.why || ""));
			if (!job) return;
			const chain = document.createElement("ol");
			chain.append(...job.chain.map(({ text }) => line("li", text)));
			why.append(line("p", job.summary), chain);
		};
		window.sentia_gantt(document.getElementById("gantt"), payload, { now: payload.schedule.from_at, on_select });
	}

	document.querySelectorAll("input[data-filter]").forEach((input) => {
		const rows = [...document.querySelectorAll(`#${input.dataset.filter} tbody tr`)];
		const texts = rows.map((row) => row.textContent.toLowerCase());
		const count = document.querySelector(`[data-count="${input.dataset.filter}"]`);
		input.addEventListener("input", () => {
			const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
			let shown = 0;
			rows.forEach((row, n) => {
				const hit = words.every((word) => texts[n].includes(word));
				row.hidden = !hit;
				shown += hit;
			});
			count.textContent = words.length ? `${shown} found` : "";
		});
	});
})();
