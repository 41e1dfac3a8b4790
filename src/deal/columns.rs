//! The columns of deals.csv: which are known, and what their cells may hold.

/// The known columns, in the order that `init` writes them.
pub const KNOWN: [&str; 19] = [
    "id",
    "name",
    "account",
    "contact",
    "owner",
    "source",
    "stage",
    "stage_since",
    "value",
    "currency",
    "probability",
    "created",
    "close_date",
    "closed",
    "reason",
    "next_step",
    "next_date",
    "forecast",
    "tags",
];
