//! What a cart shows: its lines, its coupon, and the sums of what can be bought.

use feira_schemas::{
    ids::Micros,
    money::{Discounts, Line as Counted, Money, Rate},
    rows::sessions::CartRow,
};
use feira_web::{context::Api, problem::Problem, routing::Request};

use super::{
    coupon::{self, Applied, Coded},
    lines::{Line, Shelf},
};

/// A cart as it is at this moment.
#[derive(Debug, Clone)]
pub struct Shown {
    /// What is kept of it.
    pub row: CartRow,
    /// The lines, in their order.
    pub lines: Vec<Line>,
    /// How many pieces can be bought.
    pub pieces: i64,
    /// What these cost.
    pub goods: Money,
    /// The coupon that was typed.
    pub coupon: Option<Applied>,
    /// What is left of the goods after the coupon, without freight.
    pub total: Money,
}

impl Shown {
    /// What the coupon takes off the goods.
    pub fn discount(&self) -> Money {
        self.coupon.as_ref().map_or(Money::brl(0), |coupon| coupon.discount)
    }

    /// True if the coupon gives the freight.
    pub fn is_freight_given(&self) -> bool {
        self.coupon.as_ref().is_some_and(|coupon| coupon.free_shipping)
    }

    /// The weight of what can be bought, in grams.
    pub fn grams(&self) -> i64 {
        let weights =
            self.lines.iter().filter_map(|line| Some(line.bought()?.grams.saturating_mul(line.kept.quantity)));
        weights.fold(0, i64::saturating_add)
    }
}

/// What is read of the shop for a cart to be shown.
#[derive(Default)]
pub struct Looked {
    /// The products.
    pub shelf: Shelf,
    coupon: Option<Coded>,
}

impl Looked {
    /// Reads what this cart shows, as far as it is not read yet.
    pub async fn at(&mut self, api: &Api, request: &Request, row: &CartRow) -> Result<(), Problem> {
        let wanted: Vec<_> = row.lines.iter().map(|line| (line.product_id, Some(line.variant_id))).collect();
        self.shelf.read(api, request.tenant, &wanted).await?;
        if let Some(code) = &row.coupon
            && self.coupon.as_ref().is_none_or(|known| known.code != *code)
        {
            self.coupon = Some(coupon::coded(api, request, code).await?);
        }
        Ok(())
    }

    /// What this cart, of which all is read, shows at this time.
    pub fn shown(&self, row: CartRow, now: Micros) -> Result<Shown, Problem> {
        let lines: Vec<Line> = row.lines.iter().map(|line| self.shelf.line(*line)).collect();
        let known = self.coupon.as_ref().filter(|known| row.coupon.as_ref() == Some(&known.code));
        let coupon = known.map(|known| known.applied(&lines, now)).transpose()?;
        let values = lines.iter().filter_map(Line::total).map(|value| Counted { value, takes_coupon: false });
        let sums = Discounts::of(&values.collect::<Vec<_>>(), None, Rate::default()).map_err(Problem::internal)?;
        let pieces = lines.iter().filter(|line| line.bought().is_some()).map(|line| line.kept.quantity).sum();
        let discount = coupon.as_ref().map_or(0, |coupon| coupon.discount.amount);
        // A coupon takes no more off the lines than they cost.
        let total = Money::brl(sums.goods.amount - discount);
        Ok(Shown { row, lines, pieces, goods: sums.goods, coupon, total })
    }
}

/// What a cart shows.
pub async fn shown(api: &Api, request: &Request, row: CartRow) -> Result<Shown, Problem> {
    let mut looked = Looked::default();
    looked.at(api, request, &row).await?;
    looked.shown(row, api.platform.now())
}
