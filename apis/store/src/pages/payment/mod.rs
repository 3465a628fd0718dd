//! The line under a price: how a shop lets its buyers pay.

use feira_schemas::{limits, records::store::Shop};

use super::pieces::PaymentLine;

/// A shop's terms, as far as prices show them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    interest_free_installments: i64,
}

impl Terms {
    pub fn of(shop: &Shop) -> Self {
        Self { interest_free_installments: shop.interest_free_installments.unwrap_or(1).into() }
    }

    /// The most instalments that a price can be paid in. Rounded up, so that none is dearer than it says.
    pub fn line(self, price: i64) -> Option<PaymentLine> {
        let count = self.interest_free_installments.min(price / limits::SMALLEST_INSTALLMENT);
        let each = price + count - 1;
        (count > 1).then(|| PaymentLine::Installments {
            count: u32::try_from(count).unwrap_or(1),
            each: each / count,
            interest_free: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_divided_as_far_as_the_shop_and_the_smallest_instalment_allow() {
        for (most, price, expected) in [
            (6, 12_990, Some((6, 2_165))),
            (3, 4_990, Some((3, 1_664))),
            (12, 2_499, Some((4, 625))),
            (12, 999, None),
            (1, 12_990, None),
            (6, 0, None),
        ] {
            let line = Terms { interest_free_installments: most }.line(price);
            let expected = expected.map(|(count, each)| PaymentLine::Installments { count, each, interest_free: true });
            assert_eq!(line, expected, "{most} for {price}");
        }
    }
}
