"""What stands for an empty number on a site, where Frappe's number columns hold no NULL. Without pandas, for the web."""

NOT_MEASURED = -1.0  # of a number that is never below zero
UNKNOWN = -999_999_999.0  # of one that may be
