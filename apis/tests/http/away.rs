//! Sign-up on the embedded parts while a context is away: commands are kept and wait.

use crate::{
    bed::{Bed, OPERATOR},
    run,
    sign_up::{Platform, away},
};

/// A Feira of its own, and a platform on it that takes sign-ups.
async fn begun() -> (Bed, Platform) {
    let bed = Bed::start().await;
    let simulator = format!("http://{}", bed.simulator.address());
    let platform = Platform::open(&bed.platform_url(""), OPERATOR, &simulator).await;
    (bed, platform)
}

#[test]
fn s107_with_admin_away_people_are_charged_and_their_shops_appear_when_it_is_back() {
    run(async {
        let (mut bed, platform) = begun().await;
        let turn = async |on: bool| if on { bed.resume().await } else { bed.pause().await };
        away::of_admin(&platform, ["padaria-um", "padaria-dois"], turn).await;
    });
}

#[test]
fn s107_with_payments_away_the_page_says_that_it_goes_on_by_itself_and_it_does() {
    run(async {
        let (mut bed, platform) = begun().await;
        let turn = async |on: bool| if on { bed.resume_payments().await } else { bed.pause_payments().await };
        away::of_payments(&platform, ["padaria-um", "padaria-dois"], turn).await;
    });
}

#[test]
fn s107_with_signup_away_shops_sell_on_and_who_signs_up_gets_a_shop_when_it_is_back() {
    run(async {
        let (mut bed, platform) = begun().await;
        let turn = async |on: bool| if on { bed.resume_signup().await } else { bed.pause_signup().await };
        away::of_signup(&platform, ["padaria-um", "padaria-dois"], turn).await;
    });
}
