"""How an order's quantity came about, in words: economic quantity, what is missing, limits, minimum order and packs."""

from __future__ import annotations

from sentia_ops.replenishment.engine import formulas as f
from sentia_ops.replenishment.engine.levels import DAYS_A_YEAR

s = f.show


def steps(row) -> list[str]:
	"""The arithmetic of `levels.capped` for an order row, in its order."""
	missing = f"{s(row.gap)} missing to the reorder point"
	if row.long_daily <= 0:
		found, wanted = [missing], row.gap
	else:
		found = [_economic(row)]
		wanted = row.economic_qty
		if row.gap > wanted:
			found.append(f"{missing} is more")
			wanted = row.gap
		elif row.gap:
			found.append(missing)
		if row.cover_qty < wanted:
			wanted = row.cover_qty
			days = f"{s(row.max_cover_days)} days of cover"
			found.append(
				_cap_words(
					days, f"{s(row.max_cover_days)} x {s(row.long_daily)}", row.cover_raw, row.left, wanted
				)
			)
		if row.shelf_qty < wanted:
			wanted = row.shelf_qty
			found.append(_shelf_words(row))
	return found + _rounded(row, wanted)


def cautions(row) -> list[str]:
	"""What the buyer should think about, such as a minimum order that lasts for years."""
	found = []
	if row.long_daily <= 0:
		return found
	if row.shelf_life_days > 0 and row.shelf_qty < min(row.gap, max(row.cover_qty, row.gap)):
		found.append(
			f"{s(row.shelf_life_days)} days of shelf life do not reach from one delivery to the next: review the item more often"
		)
	limit = min(row.max_cover_days, row.shelf_life_days or row.max_cover_days)
	available = f.exact(row.qty + max(row.left, 0.0))
	forced = row.qty >= max(row.uncapped, 0) + 1  # the next whole piece is no force
	if forced and available > limit * row.long_daily:
		days = f"({s(row.qty)} + {s(max(row.left, 0.0))} left on arrival) / {s(row.long_daily)} a day"
		of = " of shelf life" if row.shelf_life_days and limit == row.shelf_life_days else ""
		found.append(
			f"minimum order and packs force {s(row.qty)}: {days} = {s(f.tidy(available / row.long_daily))} days, "
			f"more than {s(limit)}{of}"
		)
	return found


def _economic(row) -> str:
	if row.unit_cost <= 0:
		days = f"{s(row.review_days)} x {s(row.long_daily)}"
		return f"no price known, so one review period: {days} = {s(row.economic_qty)}"
	yearly = s(f.exact(DAYS_A_YEAR * row.long_daily))
	eoq = f.tidy(
		f.economic_order_quantity(
			DAYS_A_YEAR * row.long_daily, row.ordering_cost, row.holding_rate * row.unit_cost
		)
	)
	text = (
		f"economic quantity sqrt(2 x {yearly} a year x {s(row.ordering_cost)} per order / "
		f"({s(row.holding_rate)} x {s(row.unit_cost)} holding cost)) = {s(eoq)}"
	)
	if row.economic_qty > eoq:
		text += (
			f", raised to {s(row.economic_qty)}: fewer cycles need less safety stock for the same fill rate"
		)
	return text


def _cap_words(name: str, product: str, raw: float, left: float, cap: float) -> str:
	if raw != cap:
		return f"capped by {name}, but not below {s(cap)}"
	sign = f"- {s(left)} left on arrival" if left >= 0 else f"+ {s(-left)} owed on arrival"
	return f"capped by {name}: {product} {sign} = {s(cap)}"


def _shelf_words(row) -> str:
	days = f"{s(row.shelf_life_days)} days of shelf life"
	z = f"{'+' if row.shelf_z >= 0 else '-'} {s(abs(row.shelf_z))} x {s(row.shelf_std)}"
	product = (
		f"margin {s(row.margin)} / ({s(row.margin)} + cost {s(row.unit_cost)}) = {s(row.shelf_ratio)}, z {s(row.shelf_z)}; "
		f"{s(row.shelf_life_days)} x {s(row.long_daily)} {z} = {s(row.shelf_level)};"
		f" {s(row.shelf_level)}"
	)
	return _cap_words(days, product, row.shelf_raw, row.left, row.shelf_qty)


def _rounded(row, wanted: float) -> list[str]:
	found = []
	if row.min_qty > wanted:
		wanted = row.min_qty
		broken = row.tier_qty > 0 and row.min_qty == row.tier_qty
		found.append(f"{'price break at' if broken else 'minimum order'} {s(wanted)}")
	qty = f.round_up(wanted, row.step)
	if qty != wanted:
		packs = f"packs of {s(row.step)}" if row.step else "thousandths"
		found.append(f"rounded up to {'a whole number' if row.step == 1 else packs}: {s(qty)}")
	return found
