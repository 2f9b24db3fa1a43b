"""bench --site SITE sentia-plan | sentia-demo | sentia-export DIR"""

from __future__ import annotations

import sys
from contextlib import contextmanager

import click
import frappe
from frappe.commands import get_site, pass_context


@click.command("sentia-plan")
@click.option(
	"--only", multiple=True, help="forecasting, suppliers, buying or scheduling; may be given more than once."
)
@pass_context
def plan(context, only):
	"""Forecast, measure lead times, update the reorder recommendations and schedule the production now."""
	from sentia_ops.tasks import run_plan

	with _site(context), _bar("Planning") as progress:
		run = run_plan("cli", only=only or None, progress=progress)
	_tell(run)
	sys.exit(1 if run.refused else 0)


@click.command("sentia-demo")
@click.option("--remove", is_flag=True, help="Remove the demo company's documents again.")
@pass_context
def demo(context, remove):
	"""Make the demo company as real ERPNext documents."""
	from sentia_ops.demo import site

	with _site(context), _bar("Removing the demo" if remove else "Making the demo") as progress:
		(site.remove if remove else site.make)(progress)


@click.command("sentia-export")
@click.argument("directory", type=click.Path(file_okay=False))
@pass_context
def export(context, directory):
	"""Write every table of the site, facts and results, into a lake at DIRECTORY."""
	from sentia_ops.store.export import export_site

	with _site(context), _bar("Exporting") as progress:
		run = export_site(directory, progress)
	_tell(run)


commands = [plan, demo, export]


@contextmanager
def _site(context):
	"""Connect as Administrator; errors meant for the user end the command with their text, without a traceback."""
	from sentia_ops.errors import SentiaError

	frappe.init(site=get_site(context))
	frappe.connect()
	try:
		yield
	except SentiaError as error:
		click.secho(str(error), fg="red", err=True)
		sys.exit(2)
	finally:
		frappe.destroy()


@contextmanager
def _bar(label: str):
	"""A progress bar on stderr."""
	with click.progressbar(
		length=1000, label=label, file=sys.stderr, item_show_func=lambda text: text or ""
	) as bar:
		yield lambda share, text="": bar.update(max(int(share * 1000) - bar.pos, 0), text)


def _tell(run) -> None:
	"""What came in, what went out, what was refused, and what to look at."""
	for table, rows in sorted(run.rows_out.items()):
		click.echo(f"{table}: {rows}")
	for reason, count in run.refused.items():
		click.secho(f"left out: {count} {reason}", fg="yellow")
	for text in run.warnings:
		click.secho(text, fg="yellow")
	click.echo(f"{run.name} {run.status.lower()} in {run.seconds:.1f} s")
