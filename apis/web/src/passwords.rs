//! Passwords of people: which ones are taken, and their hashes (Argon2id, RFC 9106). Both cost a core some tens of milliseconds, so they
//! run in a pool of few places, off the threads that answer others.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use feira_connectors::random::random;
use feira_schemas::{problem::Code, sealed::PasswordHash, text::composed};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use crate::problem::Problem;

/// Fewest characters of a password.
const LEAST_CHARS: usize = 8;
/// Most characters of a password: a sentence fits, and nobody has us hash a book.
const MOST_CHARS: usize = 128;
/// The least that zxcvbn must give: 10^6 to 10^8 guesses. There are no rules of composition beside it.
const LEAST_SCORE: Score = Score::Two;

/// KiB of memory that a hash fills: OWASP's first choice for Argon2id. More would hold more of the budget at once.
const MEMORY_KIB: u32 = 19 * 1_024;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes of that memory.
const LANES: u32 = 1;
/// Random bytes of a hash's salt.
const SALT: usize = 16;
/// Hashes that are made at once: 38 MiB. More would take cores away from everybody else.
const AT_ONCE: usize = 2;
/// Requests that have a place, those that wait for one of [`AT_ONCE`] among them: the last one waits for about half a second.
const PLACES: usize = 24;

/// The hash that is looked at where there is none, by the same parameters, so that an unknown user costs the same time. It is of zeros, and
/// of no password that anybody knows; and whoever finds one is let in nowhere by it.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password as somebody typed it, in composed letters. It is wiped and never printed.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password that was typed to log in; none where it is longer than any that was ever taken.
    pub fn typed(text: &str) -> Option<Self> {
        let password = Self(Zeroizing::new(composed(text).into_owned()));
        (password.0.chars().count() <= MOST_CHARS).then_some(password)
    }
}

/// The pool in which passwords are looked at. Clones share it.
#[derive(Clone)]
pub struct Passwords {
    places: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(PLACES)), running: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// A new password, if it may be one, and else the sentence that says why not (pt-BR). `about` is what is known of the person: its
    /// name and address are the first that others try.
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn new_one(&self, text: &str, about: &[&str]) -> Result<Result<Password, String>, Problem> {
        let password = Zeroizing::new(composed(text).into_owned());
        if !(LEAST_CHARS..=MOST_CHARS).contains(&password.chars().count()) {
            return Ok(Err(format!("A senha tem de {LEAST_CHARS} a {MOST_CHARS} caracteres.")));
        }
        let known = known_words(about);
        let looked_at = password.clone();
        let score = self.run(move || zxcvbn(&looked_at, &known.iter().map(String::as_str).collect::<Vec<_>>()).score());
        if score.await? < LEAST_SCORE {
            let weak =
                "Esta senha é fácil de adivinhar. Use uma frase de várias palavras, sem o seu nome e o seu e-mail.";
            return Ok(Err(weak.to_owned()));
        }
        Ok(Ok(Password(password)))
    }

    /// The hash of a password, under a salt of its own.
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash, Problem> {
        let (password, mut salt) = (password.clone(), [0; SALT]);
        random()(&mut salt);
        let hashed = self.run(move || {
            let hash = argon().ok()?.hash_password_with_salt(password.0.as_bytes(), &salt).ok()?;
            PasswordHash::new(&hash.to_string()).ok()
        });
        hashed.await?.ok_or_else(|| Problem::internal("a password could not be hashed"))
    }

    /// True if a hash is of this password. Where there is no hash it is false, after the same time.
    ///
    /// # Errors
    /// 503 where too many wait.
    pub async fn verify(&self, password: Option<Password>, hash: Option<&PasswordHash>) -> Result<bool, Problem> {
        let is_somebody = password.is_some() && hash.is_some();
        let password = password.unwrap_or_else(|| Password(Zeroizing::new(String::new())));
        let hash = Zeroizing::new(hash.map_or(NOBODY, PasswordHash::expose).to_owned());
        let verified = self.run(move || argon().is_ok_and(|argon| is_of(&argon, &password, &hash)));
        Ok(verified.await? && is_somebody)
    }

    /// Runs what takes a core, in its turn. Who goes away meanwhile leaves it running, so its turn ends with it and not with the request.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _place = self.places.try_acquire().map_err(|_| full())?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(Problem::internal)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(Problem::internal)
    }
}

fn argon() -> Result<Argon2<'static>, argon2::Error> {
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None)?))
}

/// True if this hash, in PHC's string format, is of this password. The parameters are the hash's own.
fn is_of(argon: &Argon2<'_>, password: &Password, hash: &str) -> bool {
    argon.verify_password(password.0.as_bytes(), hash).is_ok()
}

/// What is known of a person, whole and word by word.
fn known_words(about: &[&str]) -> Vec<String> {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.chars().count() > 2);
        words.map(str::to_owned).chain([text.to_owned()]).collect()
    };
    about.iter().flat_map(|text| words(text)).chain(["feira".to_owned()]).collect()
}

fn full() -> Problem {
    Problem::new(Code::Unavailable, "Há pessoas demais entrando neste momento. Tente de novo em instantes.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ABOUT: &[&str] = &["ana.beatriz@padaria.example", "Ana Beatriz Quintanilha"];

    async fn taken(text: &str) -> Result<Password, String> {
        Passwords::default().new_one(text, ABOUT).await.unwrap()
    }

    #[tokio::test]
    async fn a_password_has_8_to_128_characters_and_no_rules_of_composition() {
        for text in ["", "x7#kQ9!", &"aé".repeat(65)] {
            assert_eq!(taken(text).await.err().unwrap(), "A senha tem de 8 a 128 caracteres.", "{text}");
        }
        for text in ["feijão tropeiro na varanda", "xkqvwzpf", "x7#kQ9!p", &"corda de chuva ".repeat(8)] {
            assert!(taken(text).await.is_ok(), "{text}");
        }
        // 8 characters, not 8 bytes, and of an accent apart and its letter one.
        assert!(taken("ãõéíúçâ").await.is_err());
        assert!(taken("e\u{301}kqvwzp").await.is_err());
    }

    #[tokio::test]
    async fn what_is_guessed_first_is_refused() {
        for text in ["12345678", "password", "qwertyuiop", "aaaaaaaaaaaa", "Quintanilha", "ana.beatriz@padaria.example"]
        {
            assert!(taken(text).await.err().unwrap().contains("fácil de adivinhar"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_hash_is_of_its_password_alone_and_says_how_it_was_made() {
        let passwords = Passwords::default();
        let password = taken("avi\u{e3}o de papel azul").await.unwrap();
        let (hash, again) = (passwords.hash(&password).await.unwrap(), passwords.hash(&password).await.unwrap());
        assert!(hash.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.expose());
        assert_ne!(hash, again, "salts differ");
        // Typed with the accent apart it is the same one.
        for (typed, good) in [("avia\u{303}o de papel azul", true), ("avião de papel azul ", false), ("", false)] {
            assert_eq!(passwords.verify(Password::typed(typed), Some(&hash)).await.unwrap(), good, "{typed}");
        }
        assert!(Password::typed(&"x".repeat(129)).is_none());
        assert!(!passwords.verify(None, Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_is_looked_at_by_the_same_work_and_never_let_in() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        let parsed = argon2::password_hash::phc::PasswordHash::new(hash.expose()).unwrap();
        let (of_nobody, of_all) = (Params::try_from(&parsed).unwrap(), argon().unwrap());
        let costs = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
        assert_eq!(costs(&of_nobody), costs(of_all.params()));
        assert!(parsed.salt.is_some() && parsed.hash.is_some(), "else it is refused at once");
        for password in [Password::typed("x"), Password::typed(""), None] {
            assert!(!Passwords::default().verify(password, None).await.unwrap());
        }
    }

    #[tokio::test]
    async fn beyond_its_places_the_pool_refuses_and_goes_on() {
        let passwords = Passwords::default();
        let all: Vec<_> = (0..PLACES).map(|_| Arc::clone(&passwords.places).try_acquire_owned().unwrap()).collect();
        let refused = passwords.verify(Password::typed("x"), None).await.unwrap_err();
        assert_eq!((refused.code, refused.status().as_u16()), (Code::Unavailable, 503));
        drop(all);
        assert!(!passwords.verify(Password::typed("x"), None).await.unwrap());
    }
}
