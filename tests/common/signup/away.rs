//! What people meet who sign up while a context is away, and what becomes of it once that is back.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{PATIENCE, Page, Platform, SignUp};

/// The time for which payments stays away at least: what nobody has answered for ten seconds is late, and a card's token lives for 60.
const AWAY: Duration = Duration::from_secs(15);
/// What the page says then, of what is late.
const GOES_ON: &str = "continua sozinh";
/// What the page says once it is paid, whether the shop is there or not.
const CONFIRMED: &str = "pagamento foi confirmado";

/// Two people, of whom one pays by card and one by Pix.
fn two(platform: &Platform, subdomains: [&str; 2]) -> [SignUp; 2] {
    let [by_card, by_pix] = subdomains;
    [SignUp::new(platform, 1, by_card, "card"), SignUp::new(platform, 2, by_pix, "pix")]
}

/// Waits until so many charges are paid; the person who pays by Pix pays meanwhile.
async fn until_paid(platform: &Platform, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    let paid = async {
        while platform.gateway.paid().await.len() < count {
            assert!(Instant::now() < deadline, "never paid: {:?}", platform.gateway.charges().await);
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = paid => {}
        never = platform.gateway.is_paid() => match never {},
    }
}

/// Waits for the shops, and holds what was paid against them: each is paid once. A card whose token has run out is given again meanwhile,
/// and every code is paid.
async fn until_open(platform: &Platform, people: &mut [SignUp]) {
    let opened = async {
        for person in people.iter_mut() {
            person.until_shop().await;
            let page = person.shop().await;
            assert!(page.text.contains(&person.shop_name()), "{}", page.text);
        }
    };
    tokio::select! {
        () = opened => {}
        never = platform.gateway.is_paid() => match never {},
    }
    let paid = platform.gateway.paid().await;
    assert_eq!(paid.len(), people.len(), "each subscription is paid once: {paid:?}");
}

/// The text of a page between its tags, in small letters.
fn said(page: &Page) -> String {
    let text = page.text.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
    text.collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Waits until the page of the subscription says this, and leads to no shop.
async fn until_said(person: &mut SignUp, words: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let page = person.page().await;
        assert!(!page.leads_to(&person.subdomain), "{} has an address", person.subdomain);
        if said(&page).contains(words) {
            return;
        }
        assert!(Instant::now() < deadline, "the page never says «{words}»: {}", page.text);
        sleep(person.every).await;
    }
}

/// With admin away people are charged, and their shops appear once it is back.
pub async fn of_admin(platform: &Platform, subdomains: [&str; 2], mut turn: impl AsyncFnMut(bool)) {
    turn(false).await;
    let mut people = two(platform, subdomains);
    for person in &mut people {
        person.subscribe().await;
    }
    until_paid(platform, people.len()).await;
    for person in &mut people {
        until_said(person, CONFIRMED).await;
        assert!(!person.is_open().await, "{} is open", person.subdomain);
    }
    turn(true).await;
    until_open(platform, &mut people).await;
}

/// With payments away the page says that it goes on by itself, nothing is charged, and once it is back it does.
pub async fn of_payments(platform: &Platform, subdomains: [&str; 2], mut turn: impl AsyncFnMut(bool)) {
    turn(false).await;
    let mut people = two(platform, subdomains);
    for person in &mut people {
        person.subscribe().await;
    }
    sleep(AWAY).await;
    for person in &mut people {
        until_said(person, GOES_ON).await;
    }
    assert!(platform.gateway.charges().await.is_empty(), "{:?}", platform.gateway.charges().await);
    turn(true).await;
    until_open(platform, &mut people).await;
}

/// With signup away shops sell on, and nothing is charged: the form is refused in words (503) and sent again once signup is back, or it is
/// kept (303), and its page goes on by itself.
pub async fn of_signup(platform: &Platform, subdomains: [&str; 2], mut turn: impl AsyncFnMut(bool)) {
    let [mut known, new] = two(platform, subdomains);
    known.subscribe().await;
    known.until_shop().await;
    turn(false).await;
    assert!(known.shop().await.text.contains(&known.shop_name()));
    let mut people = [known, new];
    let new = &mut people[1];
    let (path, form) = (new.form_at(), new.filled().await);
    let answer = new.browser.send(&path, &form).await.unwrap();
    let is_kept = answer.status == 303;
    if is_kept {
        new.at = answer.location;
        until_said(new, "sozinh").await;
    } else {
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(said(&answer).contains("cobrad"), "it says that nothing was charged: {}", answer.text);
    }
    assert_eq!(platform.gateway.charges().await.len(), 1, "that of the shop which is there");
    assert!(people[0].is_open().await, "shops sell on");
    turn(true).await;
    if !is_kept {
        people[1].send(form).await;
    }
    until_open(platform, &mut people).await;
}
