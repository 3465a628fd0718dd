//! Answers to commands, as each context keeps them.

use feira_schemas::{
    ids::{CommandId, TenantId},
    rows::common::Answer,
    topics::Context,
};

use crate::{context::Api, problem::Problem};

/// The answer that a context gave to a shop's command, once it is a row.
pub async fn answer(api: &Api, context: Context, tenant: TenantId, id: CommandId) -> Result<Option<Answer>, Problem> {
    Ok(api.platform.state.get_in(context.answers(), &Answer::key(tenant, id)).await?)
}
