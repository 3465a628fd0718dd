//! Permissions on pages: the table in which they are chosen, and what they give in words.

use feira_schemas::access::{Access, Act, Area, House};
use feira_web::forms::Form;

/// A table in which permissions are chosen.
pub(crate) struct Picker {
    /// The name of its inputs.
    pub field: &'static str,
    pub legend: &'static str,
    pub rows: Vec<Row>,
}

/// The row of an area.
pub(crate) struct Row {
    pub area: &'static str,
    /// What its name does not say of it.
    pub hint: Option<&'static str>,
    pub ticks: Vec<Tick>,
}

/// A permission, which is ticked or not.
pub(crate) struct Tick {
    pub word: &'static str,
    pub value: String,
    pub is_chosen: bool,
    /// False where who looks at the table can't give it, and nobody has.
    pub is_open: bool,
}

impl Picker {
    /// The table of a house, with what is chosen, for somebody who holds some permissions.
    pub fn new(field: &'static str, legend: &'static str, house: House, chosen: &[String], held: &[Access]) -> Self {
        let tick = |area: Area, act: Act| {
            let access = Access { area, act };
            let value = access.to_string();
            let is_chosen = chosen.contains(&value);
            let word = if act == Act::Read { "Ver" } else { "Alterar" };
            Tick { word, value, is_chosen, is_open: is_chosen || access.is_given_by(held) }
        };
        let row = |area: Area| {
            let ticks = vec![tick(area, Act::Read), tick(area, Act::Write)];
            Row { area: area.name(), hint: hint(area), ticks }
        };
        let areas = Area::GIVEN.into_iter().filter(|area| area.is_of(house));
        Self { field, legend, rows: areas.map(row).collect() }
    }
}

/// What somebody should know before giving an area.
fn hint(area: Area) -> Option<&'static str> {
    match area {
        Area::Shops => {
            Some("Quem altera as lojas pode entrar em qualquer uma: convida pessoas para a equipe de todas.")
        }
        _ => None,
    }
}

/// The values of the boxes of a name that are ticked; beside them a form may send a blank one, which says that there are boxes.
pub(crate) fn ticked(form: &Form, name: &str) -> Vec<String> {
    form.texts(name).iter().filter(|text| !text.is_empty()).cloned().collect()
}

/// Some permissions in words, area by area.
pub(crate) fn said(house: House, held: &[Access]) -> String {
    if Access::all_of(house).all(|access| access.is_given_by(held)) {
        return "tudo".to_owned();
    }
    let areas = Area::GIVEN.into_iter().filter(|area| area.is_of(house));
    let words =
        areas.filter_map(|area| match (Access::read(area).is_given_by(held), Access::write(area).is_given_by(held)) {
            (_, true) => Some(format!("{} (ver e alterar)", area.name())),
            (true, false) => Some(format!("{} (ver)", area.name())),
            (false, false) => None,
        });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "nada além do próprio acesso".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_said_area_by_area() {
        let (reads, writes) = (Access::read(Area::Stock), Access::write(Area::Catalogue));
        assert_eq!(said(House::Shop, &[reads, writes]), "Produtos e categorias (ver e alterar), Estoque (ver)");
        assert_eq!(said(House::Shop, &[]), "nada além do próprio acesso");
        assert_eq!(said(House::Platform, &[writes]), "nada além do próprio acesso");
        for house in [House::Platform, House::Shop] {
            let all: Vec<Access> = Access::all_of(house).collect();
            assert_eq!(said(house, &all), "tudo");
        }
    }

    #[test]
    fn a_table_has_its_houses_areas_and_opens_what_can_be_given_or_is() {
        let held = [Access::write(Area::Stock)];
        let table = Picker::new("/permissions", "", House::Shop, &["team:read".to_owned()], &held);
        let ticks: Vec<&Tick> = table.rows.iter().flat_map(|row| &row.ticks).collect();
        assert!(ticks.iter().all(|tick| !tick.value.starts_with("shops:")));
        let values = |is: fn(&Tick) -> bool| {
            ticks.iter().filter(|tick| is(tick)).map(|tick| tick.value.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(values(|tick| tick.is_open), ["stock:read", "stock:write", "team:read"]);
        assert_eq!(values(|tick| tick.is_chosen), ["team:read"]);
    }

    #[test]
    fn that_who_changes_shops_opens_each_is_said_where_it_is_given() {
        let hints = |house: House| {
            let rows = Picker::new("/permissions", "", house, &[], &[]).rows.into_iter();
            rows.filter_map(|row| Some((row.area, row.hint?))).collect::<Vec<_>>()
        };
        let [(area, hint)] = hints(House::Platform)[..] else { panic!("{:?}", hints(House::Platform)) };
        assert!(area == Area::Shops.name() && hint.contains("qualquer uma"), "{hint}");
        assert!(hints(House::Shop).is_empty());
    }
}
