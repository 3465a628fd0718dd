//! What the page of settings says, what is typed into its form, and how the shop uses a colour.

use feira_schemas::{limits, records::admin::Settings};
use feira_web::{
    forms::Form,
    theme::{READABLE, Theme},
};

use crate::forms::Choice;

/// What is typed into the form, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub name: String,
    pub tagline: String,
    pub accent: String,
    pub installments: String,
    pub origins: String,
}

/// What somebody else has changed meanwhile.
pub(super) struct Stale {
    /// Fields in which what is kept differs from what is typed, and what is kept.
    pub differs: Vec<(&'static str, String)>,
}

impl Typed {
    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self {
            name: text("/shop_name"),
            tagline: text("/tagline"),
            accent: text("/accent"),
            installments: text("/interest_free_installments"),
            origins: text("/cors_origins"),
        }
    }

    /// What the form of these settings is filled with.
    pub fn of(settings: &Settings) -> Self {
        let accent = settings.accent.clone().filter(|accent| !accent.is_empty());
        Self {
            name: settings.shop_name.clone(),
            tagline: settings.tagline.clone().unwrap_or_default(),
            accent: accent.unwrap_or_else(|| Theme::default().accent()),
            installments: settings.interest_free_installments.unwrap_or(1).to_string(),
            origins: settings.cors_origins.join("\n"),
        }
    }

    /// The numbers of instalments, of which one is chosen.
    pub fn choices(&self) -> Vec<Choice> {
        let choice = |value: i32| {
            let word = if value == 1 { "Só à vista".to_owned() } else { format!("Até {value} vezes") };
            let value = value.to_string();
            let is_chosen = self.installments == value;
            Choice::new(value, word, is_chosen)
        };
        (1..=limits::INSTALLMENTS).map(choice).collect()
    }

    /// The fields in which settings as they are kept differ from what is typed: the field's word, and what is kept.
    pub fn differs(&self, kept: &Settings) -> Vec<(&'static str, String)> {
        let kept = Self::of(kept);
        let lines =
            |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
        let or_none = |text: String| if text.is_empty() { "nenhuma".to_owned() } else { text };
        let fields = [
            ("Nome", self.name.trim() == kept.name, kept.name.clone()),
            ("Frase", self.tagline.trim() == kept.tagline, or_none(kept.tagline.clone())),
            ("Cor", self.accent.eq_ignore_ascii_case(&kept.accent), kept.accent.clone()),
            ("Parcelas sem juros", self.installments == kept.installments, kept.installments.clone()),
            ("Origens", lines(&self.origins) == lines(&kept.origins), or_none(lines(&kept.origins))),
        ];
        fields.into_iter().filter(|(_, same, _)| !same).map(|(word, _, kept)| (word, kept)).collect()
    }
}

/// The colours that the shop makes of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Colours {
    /// Under the words of buttons.
    pub accent: String,
    /// Words on it.
    pub on_accent: String,
    /// Under paragraphs.
    pub ground: String,
    /// Links and words on it.
    pub ink: String,
    /// What is said of how they can be read, a sentence each.
    pub says: Vec<String>,
    /// True if the colour is not used as it is everywhere.
    pub is_changed: bool,
}

/// The colours that the shop makes of `#rrggbb`; none where the text is no colour.
pub(super) fn colours(hex: &str) -> Option<Colours> {
    let theme = Theme::from_hex(hex)?;
    let (accent, on_accent, ground, ink) = (theme.accent(), theme.on_accent(), theme.ground(), theme.ink());
    let (white, own) = (theme.white_on_accent(), theme.accent_on_ground());
    let buttons = match white >= READABLE {
        true => {
            format!("Nos botões, letras brancas sobre esta cor são legíveis: contraste de {} para 1.", ratio(white))
        }
        false => format!(
            "Letras brancas sobre esta cor não seriam legíveis: o contraste é de {} para 1, e o mínimo é 4,5 para 1. Nos \
             botões a loja usa letras pretas.",
            ratio(white)
        ),
    };
    let links = match own >= READABLE {
        true => "Links e preços usam a própria cor.".to_owned(),
        false => format!(
            "Links e preços nesta cor não seriam legíveis sobre fundo claro: o contraste é de {} para 1. A loja usa neles um \
             tom mais escuro, {ink}.",
            ratio(own)
        ),
    };
    let is_changed = white < READABLE || own < READABLE;
    Some(Colours { accent, on_accent, ground, ink, says: vec![buttons, links], is_changed })
}

/// A contrast with one place behind the comma, never said to be more than it is.
fn ratio(contrast: f64) -> String {
    format!("{:.1}", (contrast * 10.0).floor() / 10.0).replace('.', ",")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            version: 2,
            shop_name: "Ateliê".into(),
            tagline: None,
            accent: None,
            logo: None,
            interest_free_installments: None,
            cors_origins: vec!["https://a.br".into(), "https://b.br".into()],
            contact: None,
            seller: None,
            policies: None,
            updated_at: 0,
        }
    }

    #[test]
    fn a_colour_that_can_not_be_read_is_said_and_what_is_used_in_its_place() {
        let yellow = colours("#ffe600").unwrap();
        assert!(yellow.is_changed && yellow.on_accent == "#000000" && yellow.ink != yellow.accent);
        assert!(yellow.says[0].contains("não seriam legíveis: o contraste é de 1,2 para 1"), "{:?}", yellow.says);
        assert!(yellow.says[1].contains(&yellow.ink), "{:?}", yellow.says);
        let green = colours("#0f6b57").unwrap();
        assert!(!green.is_changed && green.on_accent == "#ffffff" && green.ink == green.accent, "{green:?}");
        assert_eq!(colours("verde"), None);
        assert_eq!((ratio(4.49), ratio(21.0)), ("4,4".to_owned(), "21,0".to_owned()));
    }

    #[test]
    fn what_a_form_is_filled_with_differs_in_nothing() {
        let filled = Typed::of(&settings());
        assert_eq!((filled.accent.as_str(), filled.installments.as_str()), ("#0f6b57", "1"));
        assert!(filled.differs(&settings()).is_empty(), "{:?}", filled.differs(&settings()));
        let origins = " https://a.br\n\nhttps://b.br\n".to_owned();
        let typed = Typed { origins, accent: "#0F6B57".into(), name: "Outro".into(), ..filled };
        assert_eq!(typed.differs(&settings()), [("Nome", "Ateliê".to_owned())]);
        assert!(typed.choices().iter().filter(|choice| choice.is_chosen).all(|choice| choice.value == "1"));
    }
}
