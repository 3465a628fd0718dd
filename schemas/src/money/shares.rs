//! Shares of an amount that sum up to it.

use super::SumError;

/// Centavos of a total for each weight, in proportion, by the largest remainder: each share is rounded down, and what is left goes
/// centavo by centavo to the largest remainders, of equal ones to the earlier.
///
/// Where no weight is above zero only a total of zero can be shared.
pub fn shares(total: i64, weights: &[i64]) -> Result<Vec<i64>, SumError> {
    if total < 0 || weights.iter().any(|weight| *weight < 0) {
        return Err(SumError::Negative);
    }
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return if total == 0 { Ok(vec![0; weights.len()]) } else { Err(SumError::NoWeight) };
    }
    let exact = |weight: &i64| i128::from(total) * i128::from(*weight);
    let down = |weight: &i64| i64::try_from(exact(weight) / sum).map_err(|_| SumError::TooLarge);
    let mut shares = weights.iter().map(down).collect::<Result<Vec<_>, _>>()?;
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|at| std::cmp::Reverse(exact(&weights[*at]) % sum)); // Stable: equal ones stay in order.
    let left = total - shares.iter().sum::<i64>();
    for at in by_remainder.into_iter().take(usize::try_from(left).unwrap_or_default()) {
        shares[at] += 1;
    }
    Ok(shares)
}
