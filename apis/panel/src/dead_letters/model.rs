//! What the pages of dead letters say.

use feira_web::dead_letters::Letter;

use crate::format::moment;

/// A letter as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub id: String,
    pub group: &'static str,
    pub key: String,
    /// The place that the record came from: topic, partition and offset.
    pub from: String,
    /// The step that failed, in words.
    pub stage: String,
    pub message: String,
    pub tries: String,
    pub at: String,
}

/// A letter in words.
pub(super) fn shown(letter: &Letter) -> Shown {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    Shown {
        id: letter.id.clone(),
        group: letter.group,
        key: letter.key.clone(),
        from: format!("{}, partição {}, offset {}", text(&letter.topic), text(&letter.partition), text(&letter.offset)),
        stage: stage(letter.stage.as_deref()),
        message: text(&letter.message),
        tries: text(&letter.tries),
        at: moment(letter.at),
    }
}

/// The step that failed; one of a later version by its name.
fn stage(stage: Option<&str>) -> String {
    match stage {
        Some("decode") => "Leitura: o conteúdo não pôde ser decodificado".to_owned(),
        Some("handle") => "Processamento: a mensagem foi lida, e o trabalho sobre ela falhou".to_owned(),
        other => other.unwrap_or("–").to_owned(),
    }
}

/// True if a letter came from a topic with this part in its name: all of it, or a context's beginning such as `store.`.
pub(super) fn came_from(letter: &Letter, part: &str) -> bool {
    let part = part.trim();
    part.is_empty() || letter.topic.as_deref().is_some_and(|topic| topic.contains(part))
}

/// What became of many that were put back.
pub(super) fn put_back(done: i64, left: i64) -> String {
    let done = match done {
        0 => "Nenhuma mensagem foi devolvida.".to_owned(),
        1 => "1 mensagem foi devolvida e será processada de novo.".to_owned(),
        done => format!("{done} mensagens foram devolvidas e serão processadas de novo."),
    };
    match left {
        0 => done,
        1 => format!("{done} 1 não pode ser devolvida: só pode ser descartada."),
        left => format!("{done} {left} não podem ser devolvidas: só podem ser descartadas."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            id: "admin:0:7".into(),
            group: "admin",
            key: "somebody".into(),
            topic: Some("admin.commands".into()),
            partition: Some("0".into()),
            offset: Some("3".into()),
            stage: Some("decode".into()),
            message: None,
            tries: None,
            at: 1_772_415_000_000_000,
        }
    }

    #[test]
    fn a_letter_says_where_it_came_from_and_what_failed() {
        let shown = shown(&letter());
        assert_eq!(shown.from, "admin.commands, partição 0, offset 3");
        assert!(shown.stage.starts_with("Leitura") && shown.message == "–", "{shown:?}");
        for (part, came) in [("", true), (" admin. ", true), ("admin.commands", true), ("store.", false)] {
            assert_eq!(came_from(&letter(), part), came, "{part}");
        }
        assert!(!came_from(&Letter { topic: None, ..letter() }, "admin."));
    }

    #[test]
    fn what_became_of_many_is_counted() {
        assert_eq!(put_back(0, 0), "Nenhuma mensagem foi devolvida.");
        assert!(put_back(1, 2).ends_with("2 não podem ser devolvidas: só podem ser descartadas."));
        assert!(put_back(3, 1).starts_with("3 mensagens") && put_back(3, 1).contains(" 1 não pode"));
    }
}
