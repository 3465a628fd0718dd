//! The order of a list that is sorted here: by which column, from which end, and the places of its entries, by which cursors go on.

use std::{cmp::Reverse, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    cursor,
    problem::Problem,
    routing::{Kind, Parameter},
};

/// `sort` of the panel's lists, which pass over what is no order of theirs: links are written by others, too.
pub const SORT: Parameter = Parameter::new(
    "sort",
    Kind::Text(32),
    "The column that the list is sorted by, from the least; with `-` before it, from the greatest.",
);

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// The word of the column.
    pub by: &'static str,
    /// True if the greatest comes first.
    pub descending: bool,
}

impl Order {
    /// From the least of a column.
    pub const fn up(by: &'static str) -> Self {
        Self { by, descending: false }
    }

    /// From the greatest of a column.
    pub const fn down(by: &'static str) -> Self {
        Self { by, descending: true }
    }

    /// The order that a text names, of those of a list: `name` is from the least, `-name` from the greatest.
    pub fn read(text: Option<&str>, orders: &[&'static str]) -> Option<Self> {
        let known = orders.iter().copied().find(|known| Some(*known) == text)?;
        Some(known.strip_prefix('-').map_or(Self::up(known), Self::down))
    }

    /// The same column from the other end.
    pub const fn turned(self) -> Self {
        Self { by: self.by, descending: !self.descending }
    }

    /// The place of an entry in this order, by what its column holds. Of several that hold the same the least id comes first.
    pub fn place(self, value: Value, id: impl ToString) -> Place {
        match self.descending {
            false => Place::Up(value, id.to_string()),
            true => Place::Down(Reverse(value), id.to_string()),
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.by)
    }
}

/// What a column holds of an entry. A column holds values of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Value {
    /// A number, a time or an amount.
    Number(i64),
    /// A text, without regard to capitals.
    Text(String),
}

impl Value {
    /// A text as lists sort it.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_lowercase())
    }
}

/// The place of an entry in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// In a list that begins with the least.
    Up(Value, String),
    /// In a list that begins with the greatest.
    Down(Reverse<Value>, String),
}

/// Sorts entries by their places and gives one page of them, and the cursor of the next, as [`cursor::page`] does. `query` names the order,
/// too.
pub fn page<'a, T>(
    entries: &'a mut [T],
    place: impl Fn(&T) -> Place,
    query: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<(&'a [T], Option<String>), Problem> {
    entries.sort_by_cached_key(&place);
    cursor::page(entries, place, query, after, limit)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ORDERS: &[&str] = &["name", "-name", "-at"];

    #[test]
    fn an_order_is_one_of_the_lists_own() {
        for (text, order) in [
            (Some("name"), Some(Order::up("name"))),
            (Some("-name"), Some(Order::down("name"))),
            (Some("-at"), Some(Order::down("at"))),
            (Some("at"), None),
            (Some("--name"), None),
            (Some(""), None),
            (None, None),
        ] {
            assert_eq!(Order::read(text, ORDERS), order, "{text:?}");
            assert!(order.is_none_or(|order| Some(order.to_string().as_str()) == text));
        }
        assert_eq!(Order::up("name").turned(), Order::down("name"));
    }

    #[test]
    fn pages_of_any_order_follow_one_another_without_gap_or_double() {
        let names = ["b", "A", "a", "É", ""].into_iter().cycle().map(str::to_owned);
        let all: Vec<(String, u32)> = names.zip(0..25).collect();
        for order in [Order::up("name"), Order::down("name"), Order::up("id"), Order::down("id")] {
            let place = |(name, id): &(String, u32)| match order.by {
                "name" => order.place(Value::text(name), format!("{id:02}")),
                _ => order.place(Value::Number(i64::from(*id)), format!("{id:02}")),
            };
            for limit in [1, 4, 24, 25] {
                let (mut seen, mut after, mut entries) = (Vec::new(), None, all.clone());
                loop {
                    let (page, next) = page(&mut entries, place, &order.to_string(), after.as_deref(), limit).unwrap();
                    seen.extend_from_slice(page);
                    after = next;
                    if after.is_none() {
                        break;
                    }
                }
                let values: Vec<Value> = seen
                    .iter()
                    .map(|(name, id)| if order.by == "name" { Value::text(name) } else { Value::Number((*id).into()) })
                    .collect();
                let is_sorted = match order.descending {
                    false => values.is_sorted(),
                    true => values.is_sorted_by(|one, other| one >= other),
                };
                assert!(is_sorted, "{order}: {values:?}");
                let mut ids: Vec<u32> = seen.iter().map(|(_, id)| *id).collect();
                ids.sort_unstable();
                assert_eq!(ids, (0..25).collect::<Vec<_>>(), "{order}, {limit} a page");
            }
        }
    }
}
