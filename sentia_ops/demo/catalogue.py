"""What the demo company deals in, by name: products, spare parts, materials, suppliers, retailers."""

from __future__ import annotations

from dataclasses import dataclass

COMPANY = "Sentia Demo Ltd"
ABBR = "SDL"
MARKETS = ("UK", "EU", "USA")
WAREHOUSES = {market: f"{market} Warehouse - {ABBR}" for market in MARKETS}
RATES = {"GBP": 1.0, "EUR": 0.86, "USD": 0.78}  # one unit in company currency
MARKET_SHARES = {"UK": 1.0, "EU": 0.65, "USA": 0.45}  # of the UK's demand
RANGES = {"RED": ("Red", 1.0), "BLACK": ("Black", 1.25), "GOLD": ("Gold", 0.55)}  # name, demand against Red
RANGE_PRICES = {"RED": 1.0, "BLACK": 1.0, "GOLD": 1.3}


@dataclass(frozen=True)
class Product:
	"""A finished product, sold in every range. `cost` in GBP; `body` and `drive` name the materials it is made of."""

	code: str
	name: str
	cost: float
	volume: float  # units a day of one range in the UK
	season: str = ""  # winter, summer, gift; empty: none
	body: str = ""  # empty: bought in, not made
	drive: str = ""


# The first ones make up a small company, so they mix made and bought, quick and slow.
PRODUCTS = [
	Product("KETTLE-17", "Kettle 1.7 L", 13.5, 16, "winter", "RM-STEEL-08", "RM-ELEMENT-20"),
	Product("PAN-24", "Frying pan 24 cm", 7.9, 14),
	Product("TOASTER-2", "Toaster 2-slice", 14.2, 11, "", "RM-STEEL-08", "RM-ELEMENT-08"),
	Product("FRYER-40", "Air fryer 4 L", 31.0, 12, "gift"),
	Product("BLENDER-15", "Jug blender 1.5 L", 19.5, 7, "summer", "RM-ABS", "RM-MOTOR-50"),
	Product("KNIFE-5", "Knife block, 5 knives", 16.4, 6, "gift"),
	Product("KETTLE-10", "Kettle 1.0 L", 11.8, 8, "winter", "RM-STEEL-08", "RM-ELEMENT-20"),
	Product("TOASTER-4", "Toaster 4-slice", 21.7, 5, "", "RM-STEEL-12", "RM-ELEMENT-08"),
	Product("MUG-4", "Mug set of 4", 5.2, 18, "gift"),
	Product("ESPRESSO-15", "Espresso machine 15 bar", 58.0, 3, "gift"),
	Product("PAN-20", "Frying pan 20 cm", 6.1, 9),
	Product("PAN-28", "Frying pan 28 cm", 9.7, 10),
	Product("MIXER-5", "Stand mixer 5 L", 64.0, 2.5, "gift", "RM-ALU-15", "RM-MOTOR-90"),
	Product("STICK-6", "Stick blender 600 W", 12.6, 8, "", "RM-ABS", "RM-MOTOR-50"),
	Product("COFFEE-12", "Filter coffee maker 12 cups", 17.3, 6, "winter", "RM-ABS", "RM-ELEMENT-08"),
	Product("GRINDER-2", "Coffee grinder 200 g", 15.1, 4, "", "RM-ABS", "RM-MOTOR-30"),
	Product("FRYER-65", "Air fryer 6.5 L", 42.0, 7, "gift"),
	Product("SCALE-5", "Kitchen scale 5 kg", 6.8, 9),
	Product("RICE-18", "Rice cooker 1.8 L", 16.9, 4, "", "RM-STEEL-08", "RM-ELEMENT-08"),
	Product("SLOW-35", "Slow cooker 3.5 L", 15.8, 5, "winter"),
	Product("SLOW-65", "Slow cooker 6.5 L", 22.4, 3, "winter"),
	Product("GRILL-2", "Contact grill", 23.5, 4, "summer", "RM-ALU-15", "RM-ELEMENT-20"),
	Product("WAFFLE-4", "Waffle maker", 14.9, 3, "gift", "RM-ALU-15", "RM-ELEMENT-08"),
	Product("TOASTIE-2", "Sandwich toaster", 11.2, 6, "winter", "RM-ALU-15", "RM-ELEMENT-08"),
	Product("STEAMER-9", "Food steamer 9 L", 18.2, 3),
	Product("PROCESSOR-30", "Food processor 3 L", 37.5, 3, "", "RM-ABS", "RM-MOTOR-90"),
	Product("CHOPPER-5", "Mini chopper 500 ml", 9.9, 6, "", "RM-ABS", "RM-MOTOR-30"),
	Product("JUICER-8", "Citrus juicer", 10.4, 5, "summer", "RM-ABS", "RM-MOTOR-30"),
	Product("FROTHER-3", "Milk frother 300 ml", 12.9, 5, "gift"),
	Product("CANISTER-3", "Canister set of 3", 8.3, 7),
	Product("BREADBIN-1", "Bread bin", 10.9, 4, "", "RM-STEEL-08", ""),
	Product("POT-18", "Saucepan 18 cm", 11.6, 6),
	Product("POT-24", "Stock pot 24 cm", 17.8, 4, "winter"),
	Product("WOK-30", "Wok 30 cm", 13.3, 4),
	Product("TRAY-40", "Serving tray 40 cm", 4.7, 6, "summer"),
	Product("JUG-12", "Water jug 1.2 L", 4.1, 9, "summer"),
	Product("MILLS-2", "Salt and pepper mills", 7.4, 5, "gift"),
	Product("TIMER-1", "Kitchen timer", 3.2, 7),
	Product("SODA-1", "Sparkling water maker", 34.0, 4, "summer", "RM-ABS", ""),
	Product("POPCORN-1", "Popcorn maker", 13.7, 2, "gift", "RM-ABS", "RM-ELEMENT-08"),
	Product("EGG-7", "Egg boiler for 7", 9.1, 3),
	Product("ICE-12", "Ice maker 12 kg", 71.0, 1.5, "summer"),
]

# code, name, cost in GBP, UOM, quantity in one product
MATERIALS = [
	("RM-STEEL-08", "Stainless steel sheet 0.8 mm", 3.4, "Kg", 0.6),
	("RM-CARTON-M", "Carton, medium", 0.42, "Nos", 1),
	("RM-CORD-12", "Mains cord 1.2 m", 1.15, "Nos", 1),
	("RM-ELEMENT-20", "Heating element 2.0 kW", 2.6, "Nos", 1),
	("RM-ABS", "ABS granulate", 2.2, "Kg", 0.8),
	("RM-MOTOR-50", "Motor 500 W", 5.8, "Nos", 1),
	("RM-ELEMENT-08", "Heating element 0.8 kW", 1.9, "Nos", 2),
	("RM-SWITCH-1", "Rocker switch", 0.55, "Nos", 1),
	("RM-STEEL-12", "Stainless steel sheet 1.2 mm", 3.7, "Kg", 1.1),
	("RM-ALU-15", "Aluminium casting blank", 4.6, "Kg", 1.4),
	("RM-MOTOR-30", "Motor 300 W", 4.1, "Nos", 1),
	("RM-MOTOR-90", "Motor 900 W", 9.4, "Nos", 1),
	("RM-PAINT-RED", "Powder paint, red", 6.2, "Kg", 0.05),
	("RM-PAINT-BLACK", "Powder paint, black", 5.4, "Kg", 0.05),
	("RM-PAINT-GOLD", "Powder paint, gold", 11.5, "Kg", 0.05),
	("RM-SCREW-4", "Screw M4 x 12", 0.02, "Nos", 8),
	("RM-SCREW-3", "Screw M3 x 8", 0.02, "Nos", 6),
	("RM-FOAM-M", "Foam insert, medium", 0.31, "Nos", 2),
	("RM-MANUAL-6", "Manual in six languages", 0.24, "Nos", 1),
	("RM-FOOT-4", "Rubber foot", 0.05, "Nos", 4),
	("RM-THERMO-1", "Thermostat", 1.35, "Nos", 1),
	("RM-FUSE-1", "Thermal fuse", 0.28, "Nos", 1),
	("RM-GASKET-60", "Gasket 60 mm", 0.16, "Nos", 1),
	("RM-GLASS-15", "Glass jug blank", 3.3, "Nos", 1),
	("RM-BLADE-4", "Blade, four wings", 1.7, "Nos", 1),
	("RM-PCB-2", "Control board", 3.9, "Nos", 1),
	("RM-KNOB-1", "Control knob", 0.35, "Nos", 1),
	("RM-LED-B", "Indicator light", 0.12, "Nos", 1),
	("RM-BEARING-8", "Bearing 8 mm", 0.85, "Nos", 2),
	("RM-GEAR-32", "Gear wheel 32 teeth", 1.25, "Nos", 1),
	("RM-HANDLE-2", "Handle, two parts", 0.95, "Nos", 1),
	("RM-CARTON-XL", "Outer carton for six", 0.88, "Nos", 1),
	("RM-TAPE-50", "Packing tape 50 mm", 0.018, "Meter", 1.5),
	("RM-STRAP-12", "Strapping band 12 mm", 0.03, "Meter", 0.8),
]
COMMON_MATERIALS = (
	"RM-CARTON-M",
	"RM-SCREW-4",
	"RM-FOAM-M",
	"RM-MANUAL-6",
	"RM-FOOT-4",
	"RM-CARTON-XL",
	"RM-TAPE-50",
	"RM-STRAP-12",
)
ELECTRIC_MATERIALS = ("RM-CORD-12", "RM-SWITCH-1", "RM-SCREW-3", "RM-LED-B", "RM-KNOB-1")
HEATING_MATERIALS = ("RM-THERMO-1", "RM-FUSE-1", "RM-HANDLE-2")
MOTOR_MATERIALS = ("RM-BEARING-8", "RM-GEAR-32", "RM-BLADE-4", "RM-PCB-2")
EXTRA_MATERIALS = {
	"BLENDER-15": ("RM-GLASS-15", "RM-GASKET-60"),
	"COFFEE-12": ("RM-GLASS-15",),
	"SODA-1": ("RM-GASKET-60",),
}

METAL = ("RM-STEEL", "RM-ALU")
PACKAGING = ("RM-CARTON", "RM-FOAM", "RM-MANUAL", "RM-TAPE", "RM-STRAP", "RM-PAINT")

# code without SP-, name, cost in GBP
SPARES = [
	("KETTLE-LID", "Kettle lid", 1.6),
	("KETTLE-FILTER", "Kettle limescale filter", 0.7),
	("TOASTER-TRAY", "Toaster crumb tray", 1.1),
	("BLENDER-JUG", "Blender jug", 5.4),
	("BLENDER-BLADE", "Blender blade unit", 3.8),
	("FRYER-BASKET", "Air fryer basket", 6.9),
	("BLENDER-SEAL", "Blender seal ring", 0.5),
	("KETTLE-BASE", "Kettle power base", 3.9),
	("KETTLE-HANDLE", "Kettle handle", 1.4),
	("TOASTER-LEVER", "Toaster lever", 0.9),
	("TOASTER-KNOB", "Toaster knob", 0.4),
	("FRYER-FAN", "Air fryer fan", 4.8),
	("FRYER-DOOR", "Air fryer drawer front", 5.1),
	("ESPRESSO-HEAD", "Espresso group head", 9.8),
	("ESPRESSO-SEAL", "Espresso group seal", 0.8),
	("ESPRESSO-PUMP", "Espresso pump", 12.4),
	("ESPRESSO-TANK", "Espresso water tank", 4.2),
	("MIXER-BOWL", "Mixer bowl 5 L", 11.2),
	("MIXER-HOOK", "Mixer dough hook", 3.6),
	("MIXER-WHISK", "Mixer whisk", 3.9),
	("MIXER-GEAR", "Mixer gear set", 8.7),
	("STICK-FOOT", "Stick blender foot", 3.1),
	("COFFEE-JUG", "Coffee maker glass jug", 4.4),
	("COFFEE-FILTER", "Coffee maker filter holder", 1.3),
	("GRINDER-BURR", "Grinder burr set", 5.7),
	("RICE-POT", "Rice cooker inner pot", 4.9),
	("RICE-LID", "Rice cooker lid", 2.2),
	("SLOW-POT", "Slow cooker ceramic pot", 7.3),
	("SLOW-LID", "Slow cooker glass lid", 3.3),
	("GRILL-PLATE", "Grill plate", 5.5),
	("WAFFLE-PLATE", "Waffle plate", 4.7),
	("STEAMER-TRAY", "Steamer tray", 2.0),
	("PROCESSOR-BOWL", "Processor bowl", 6.3),
	("PROCESSOR-DISC", "Processor slicing disc", 4.0),
	("CHOPPER-BLADE", "Chopper blade", 2.1),
	("JUICER-CONE", "Juicer cone", 1.0),
	("FROTHER-COIL", "Frother whisk coil", 0.9),
	("SODA-BOTTLE", "Sparkling water bottle", 3.4),
	("SODA-VALVE", "Sparkling water valve", 2.9),
	("ICE-PUMP", "Ice maker pump", 8.1),
]


@dataclass(frozen=True)
class Source:
	"""Who delivers, and the truth about how: calendar days from order to the first delivery are lognormal.

	Attributes:
	    mean_days, std_days: of the first delivery, before rounding to whole days, at the start of history.
	    drift: days a year by which the mean grows.
	    promised_days: what the order confirmation says.
	    split_chance: chance that an order comes in two or three parts; `gap_days`: mean days between parts.
	    reject_share: share of the pieces refused at the door.
	    price_factor: its price against the item's cost.
	    order_weekday: the day of the week on which orders go out, Monday 0; -1: any day.
	"""

	name: str
	currency: str
	mean_days: float
	std_days: float
	promised_days: int
	behaviour: str
	drift: float = 0.0
	split_chance: float = 0.04
	gap_days: float = 5.0
	reject_share: float = 0.0
	price_factor: float = 1.0
	order_weekday: int = -1
	cycle_days: int = 28  # an order covers this much demand
	sells: tuple[str, ...] = ()  # finished, spare, metal, packaging, parts


SUPPLIERS = [
	Source("Ashdown Components Ltd", "GBP", 7, 1, 7, "reliable", order_weekday=1, sells=("parts", "spare")),
	Source("Pennine Metalworks Ltd", "GBP", 28, 3, 26, "slow", order_weekday=0, cycle_days=35, sells=("metal",)),
	Source("Rheinland Elektrotechnik GmbH", "EUR", 12, 2, 12, "steady", price_factor=1.08, order_weekday=2, sells=("parts", "finished")),
	Source("Vega Casa S.p.A.", "EUR", 18, 9, 14, "erratic", price_factor=0.93, order_weekday=3, sells=("finished",)),
	Source("Baltic Packaging OÜ", "EUR", 10, 2, 10, "in parts", split_chance=0.8, gap_days=6, price_factor=0.95, order_weekday=4, sells=("packaging",)),
	Source("Great Lakes Appliance Inc.", "USD", 14, 3, 14, "worsening", drift=6, order_weekday=1, sells=("spare", "finished")),
	Source("Harbour Star Trading Co.", "USD", 42, 7, 40, "overseas", price_factor=0.88, order_weekday=0, cycle_days=60, sells=("finished",)),
	Source("Quickfit Spares Ltd", "GBP", 3, 1, 3, "quick, some rejects", reject_share=0.03, price_factor=1.15, order_weekday=4, sells=("spare",)),
]  # fmt: skip
# The plant makes for each market and ships there, so its days to stock differ by market.
PLANT = {
	"UK": Source("", "GBP", 5, 1, 5, "own plant", split_chance=0.0, order_weekday=2, cycle_days=14),
	"EU": Source("", "GBP", 9, 1.5, 9, "own plant", split_chance=0.0, order_weekday=2, cycle_days=14),
	"USA": Source("", "GBP", 16, 3, 15, "own plant", split_chance=0.0, order_weekday=2, cycle_days=21),
}

RETAILERS = {
	"UK": [
		"Alderway Home Stores", "Bramble & Finch", "Castlegate Cookware", "Dovecote Living", "Elmhurst Department Stores",
		"Fenwick Lane Kitchens", "Gatehouse Electricals", "Hollybush Homewares", "Ironbridge Cookshop", "Juniper Street Market",
		"Kingsmere Retail", "Larkfield Appliances", "Merriman & Sons", "Northgate Kitchen Centre", "Oakham Interiors", "Penrose Outlet",
	],
	"EU": [
		"Atelier Beaumont", "Bergmann Haushalt", "Casa Lucerna", "De Keukenhoek", "Elektro Falkenberg", "Fjordkøkken", "Galería del Hogar",
		"Huis & Haard", "Küchenwelt Sommer", "La Maison Verte", "Nordlys Interiør", "Officina Cucina", "Sklep Domowy",
	],
	"USA": [
		"Appleton Home Goods", "Blue Ridge Kitchens", "Cedar Falls Appliance", "Desert Bloom Living", "Eastport Housewares",
		"Freeland Cook & Table", "Granite State Home", "Harvest Lane Stores", "Lakeview Kitchen Supply", "Prairie House", "Summit Street Outfitters",
	],
}  # fmt: skip
