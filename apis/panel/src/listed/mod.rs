//! Lists as tables, the kernel of every page that has one: heads are links that sort, and those, the filters and the next page keep one
//! another. Nothing of it needs a script.
//!
//! A template has the table as `table`, includes `listed/heads.html` in the place of the `<thead>` and `listed/pager.html` below, and
//! `listed/kept.html` in the form of its filters, which sends the order along.

use feira_web::{
    reads,
    routing::Request,
    sorted::{Order, SORT},
};

/// A column of a list.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// The words of its head.
    pub title: &'static str,
    /// The word that the list is sorted by; none of a column that it is not sorted by.
    pub by: Option<&'static str>,
    /// True if it holds numbers, which stand on the right.
    pub is_number: bool,
}

impl Column {
    /// A column that the list is sorted by.
    pub const fn sorted(title: &'static str, by: &'static str) -> Self {
        Self { title, by: Some(by), is_number: false }
    }

    /// A column that it is not sorted by.
    pub const fn plain(title: &'static str) -> Self {
        Self { title, by: None, is_number: false }
    }

    /// This column, which holds numbers.
    pub const fn of_numbers(self) -> Self {
        Self { is_number: true, ..self }
    }
}

/// The head of a column, as templates show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub title: &'static str,
    pub is_number: bool,
    /// The address of the list in the order that the head leads to.
    pub href: Option<String>,
    /// The order of the column that the list is sorted by, as `aria-sort` has it.
    pub sorted: Option<&'static str>,
    /// The sign of that order; empty of any other column.
    pub arrow: &'static str,
}

/// A list as it is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    path: String,
    order: Order,
    /// The order as it was asked for; none where it was not, or is none of the list's.
    asked: Option<Order>,
    /// Parameters that each link keeps: filters, and the size of a page.
    kept: Vec<(&'static str, String)>,
    /// The heads of the columns.
    pub heads: Vec<Head>,
    /// The address of the next page.
    pub next: Option<String>,
}

impl Table {
    /// The list at a path, by the order and the filters that a request names. `orders` are the list's own, and `usual` is the order in
    /// which it stands where none of them is asked for.
    pub fn of(request: &Request, path: &str, orders: &[&'static str], usual: Order, filters: &[&'static str]) -> Self {
        let text = |name: &'static str| {
            let set = request.query.text(name).filter(|text| !text.is_empty());
            set.map(|text| (name, text.to_owned()))
        };
        let kept = filters.iter().copied().chain([reads::LIMIT.name]).filter_map(text).collect();
        Self::by(path, Order::read(request.query.text(SORT.name), orders), usual, kept)
    }

    fn by(path: &str, asked: Option<Order>, usual: Order, kept: Vec<(&'static str, String)>) -> Self {
        let order = asked.unwrap_or(usual);
        Self { path: path.to_owned(), order, asked, kept, heads: Vec::new(), next: None }
    }

    /// The order of the list.
    pub const fn order(&self) -> Order {
        self.order
    }

    /// The order that was asked for; none leaves the list in its usual one.
    pub const fn asked(&self) -> Option<Order> {
        self.asked
    }

    /// The order as the form of the filters sends it along; none where it was not asked for.
    pub fn sort(&self) -> Option<String> {
        self.asked.map(|order| order.to_string())
    }

    /// The size of a page as the form of the filters sends it along.
    pub fn limit(&self) -> Option<&str> {
        self.kept.iter().find(|(name, _)| *name == reads::LIMIT.name).map(|(_, text)| text.as_str())
    }

    /// The table with these columns, and the cursor of the next page.
    pub fn with(self, columns: &[Column], next: Option<String>) -> Self {
        let heads = columns.iter().map(|column| self.head(*column)).collect();
        let next = next.map(|cursor| self.link(self.asked, Some(&cursor)));
        Self { heads, next, ..self }
    }

    /// A head leads to its column from the least, and where the list stands so already, from the greatest.
    fn head(&self, Column { title, by, is_number }: Column) -> Head {
        let is_own = by == Some(self.order.by);
        let to = by.map(|by| if is_own { self.order.turned() } else { Order::up(by) });
        let (sorted, arrow) = match (is_own, self.order.descending) {
            (false, _) => (None, ""),
            (true, false) => (Some("ascending"), "↑"),
            (true, true) => (Some("descending"), "↓"),
        };
        Head { title, is_number, href: to.map(|to| self.link(Some(to), None)), sorted, arrow }
    }

    /// The address of a page of the list, with all that is kept.
    fn link(&self, order: Option<Order>, after: Option<&str>) -> String {
        let order = order.map(|order| (SORT.name, order.to_string()));
        let after = after.map(|after| (reads::AFTER.name, after.to_owned()));
        let mut address = self.path.clone();
        for (place, (name, text)) in self.kept.iter().cloned().chain(order).chain(after).enumerate() {
            address.push(if place == 0 { '?' } else { '&' });
            address.push_str(name);
            address.push('=');
            escape(&text, &mut address);
        }
        address
    }
}

/// Writes a text as the value of a query's parameter.
fn escape(text: &str, address: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => address.push(char::from(byte)),
            other => address.push_str(&format!("%{other:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] =
        [Column::sorted("Nome", "name"), Column::sorted("Desde", "at").of_numbers(), Column::plain("Plano")];

    fn table(asked: Option<Order>, kept: &[(&'static str, &str)]) -> Table {
        let kept = kept.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        Table::by("/lista", asked, Order::down("at"), kept)
    }

    #[test]
    fn a_head_leads_to_its_column_and_the_sorted_one_to_the_other_end_with_what_is_filtered() {
        let usual = table(None, &[("q", "pão & cia"), ("status", "active")]).with(&COLUMNS, None);
        let links: Vec<Option<&str>> = usual.heads.iter().map(|head| head.href.as_deref()).collect();
        let kept = "/lista?q=p%C3%A3o%20%26%20cia&status=active&sort=";
        let (name, at) = (format!("{kept}name"), format!("{kept}at"));
        assert_eq!(links, [Some(name.as_str()), Some(at.as_str()), None]);
        let sorted: Vec<_> = usual.heads.iter().map(|head| (head.sorted, head.arrow)).collect();
        assert_eq!(sorted, [(None, ""), (Some("descending"), "↓"), (None, "")]);
        assert_eq!((usual.sort(), usual.next.clone()), (None, None));

        let by_name = table(Some(Order::up("name")), &[]).with(&COLUMNS, None);
        assert_eq!(by_name.heads[0].href.as_deref(), Some("/lista?sort=-name"));
        assert_eq!((by_name.heads[0].sorted, by_name.sort().as_deref()), (Some("ascending"), Some("name")));
        assert!(by_name.heads[1].is_number && by_name.heads[1].sorted.is_none());
    }

    #[test]
    fn the_next_page_is_one_of_the_same_order_and_filters() {
        let next = |asked, kept| table(asked, kept).with(&COLUMNS, Some("abc-_".to_owned())).next;
        assert_eq!(next(None, &[]).as_deref(), Some("/lista?after=abc-_"));
        let sorted = next(Some(Order::down("name")), &[("q", "a"), ("limit", "5")]);
        assert_eq!(sorted.as_deref(), Some("/lista?q=a&limit=5&sort=-name&after=abc-_"));
        assert_eq!(table(None, &[("limit", "5")]).limit(), Some("5"));
    }
}
