//! `Feira-At-Least`: what the answer to a request must show.

use feira_schemas::{problem::Code, topics::Position};
use http::{HeaderMap, HeaderName};

use crate::problem::Problem;

/// The request header with the positions that a read must show.
pub(super) const AT_LEAST: HeaderName = HeaderName::from_static("feira-at-least");
/// Positions in one request: a client that wrote to more places at once does not exist.
const POSITIONS: usize = 16;

/// The positions of `Feira-At-Least`, which may come in several lines, each with several separated by commas.
pub(super) fn positions(headers: &HeaderMap, partitions: u32) -> Result<Vec<Position>, Problem> {
    let bad = || {
        let detail = "Feira-At-Least traz uma posição inválida; use o valor de Feira-Position de uma resposta.";
        Problem::new(Code::BadPosition, detail)
    };
    let mut positions = Vec::new();
    for line in headers.get_all(AT_LEAST) {
        for text in line.to_str().map_err(|_| bad())?.split(',') {
            let position: Position = text.parse().map_err(|_| bad())?;
            // A partition that does not exist would be waited for in vain, and remembered.
            if position.partition >= partitions || positions.len() == POSITIONS {
                return Err(bad());
            }
            positions.push(position);
        }
    }
    Ok(positions)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<usize, u16> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AT_LEAST, line.parse().unwrap());
        }
        positions(&headers, 4).map(|positions| positions.len()).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn positions_are_read_from_all_lines_and_none_is_passed_over() {
        assert_eq!(read(&[]), Ok(0));
        assert_eq!(read(&["admin.1.5, store.3.9", "directory.0.1"]), Ok(3));
        for wrong in ["", "x", "admin.1", "admin.4.5", "admin.1.5,", "admin.1.5;store.1.2", "admin.-1.5"] {
            assert_eq!(read(&[wrong]), Err(400), "{wrong}");
        }
    }
}
