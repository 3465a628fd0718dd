//! What a member of the platform's staff may do in the panel by permissions of its own and of its groups.

use serde_json::json;

use super::{Member, PASSWORD, text};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn s62_s63_a_member_sees_what_it_was_given_at_once_and_no_administrators_link() {
    run(async {
        let bed = bed().await;
        let owner = Member::invited(bed, "dona-da-equipe").await;
        let lead = Member::invited_as(bed, "lider-da-equipe", "Eva Prado", "member").await;
        lead.chooses(bed, PASSWORD).await.expect(303);
        let mut browser = lead.browser(bed).await;
        browser.get("/operator/staff").await.expect(403);

        let group = json!({"name": "Quem cuida da equipe", "permissions": ["team:write"]});
        let group = send(bed.operator("POST", "/staff-groups").json(&group)).await.expect(201).json;
        lead.change(bed, json!({"groups": [group["id"]], "permissions": ["shops:read"]})).await;
        browser.get("/operator/staff").await.expect(200);
        browser.get("/operator/plans").await.expect(403);

        let link = format!("/operator/staff/{}/link", owner.id);
        let refused = browser.post(&link, &[]).await.expect(403);
        assert!(!text(&refused).contains("/operator/link?t="));
        browser.post(&format!("/operator/staff/{}/disable", owner.id), &[]).await.expect(403);
        browser.get("/operator/staff").await.expect(200);
        let another =
            [("/email", "outra@equipe.example"), ("/name", "Outra"), ("/roles", "administrator"), ("_key", "o")];
        browser.post("/operator/staff", &another).await.expect(403);

        // A group that gives less takes it away at once.
        let path = format!("/staff-groups/{}", group["id"].as_str().unwrap());
        send(bed.operator("PATCH", &path).json(&json!({"permissions": []}))).await.expect(200);
        browser.get("/operator/staff").await.expect(403);
    });
}
