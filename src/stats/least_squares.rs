//! Least squares: the sum of multiples of given columns that comes closest to the values.

/// What each of `columns` is multiplied by in the sum that comes closest to `values`, by orthogonalisation (modified Gram and
/// Schmidt), which loses fewer digits than the normal equations do.
///
/// The columns are as long as the values. One that is a sum of multiples of those before it is taken zero times.
pub(super) fn coefficients(columns: &[Vec<f64>], values: &[f64]) -> Vec<f64> {
    let mut bases: Vec<Vec<f64>> = Vec::new();
    // Of each column, its parts along the bases up to its own.
    let mut parts: Vec<Vec<f64>> = Vec::new();
    for column in columns {
        let mut rest = column.clone();
        let mut along: Vec<f64> = bases.iter().map(|basis| take_part(&mut rest, basis)).collect();
        let length = product(&rest, &rest).sqrt();
        along.push(length);
        parts.push(along);
        bases.push(rest.into_iter().map(|value| if length > 0.0 { value / length } else { 0.0 }).collect());
    }
    let mut rest = values.to_vec();
    let mut solved: Vec<f64> = bases.iter().map(|basis| take_part(&mut rest, basis)).collect();
    for column in (0..columns.len()).rev() {
        let length = parts[column][column];
        solved[column] = if length > 0.0 { solved[column] / length } else { 0.0 };
        let (earlier, own) = solved.split_at_mut(column);
        for (earlier, part) in earlier.iter_mut().zip(&parts[column]) {
            *earlier -= part * own[0];
        }
    }
    solved
}

/// Level at 0 and slope of the straight line that comes closest to `values` at the places `at`.
pub(super) fn line(at: &[f64], values: &[f64]) -> [f64; 2] {
    let solved = coefficients(&[vec![1.0; at.len()], at.to_vec()], values);
    [solved[0], solved[1]]
}

/// Takes from `rest` what lies along `basis`, and says how much it was.
fn take_part(rest: &mut [f64], basis: &[f64]) -> f64 {
    let part = product(rest, basis);
    for (rest, basis) in rest.iter_mut().zip(basis) {
        *rest -= part * basis;
    }
    part
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1, 2, 2 at 0, 1, 2: the slope is 1/2 and the line goes through the mean (1, 5/3).
    #[test]
    fn a_line_by_hand() {
        let [level, slope] = line(&[0.0, 1.0, 2.0], &[1.0, 2.0, 2.0]);
        assert!((slope - 0.5).abs() < 1e-12 && (level - 7.0 / 6.0).abs() < 1e-12, "{level} {slope}");
    }

    #[test]
    fn columns_that_add_nothing_are_left_out() {
        let ones = vec![1.0; 4];
        assert_eq!(coefficients(&[ones.clone(), ones, vec![0.0; 4]], &[5.0; 4]), [5.0, 0.0, 0.0]);
    }

    #[test]
    fn a_sum_of_the_columns_is_found_again() {
        let at: Vec<f64> = (0..9).map(f64::from).collect();
        let columns = [vec![1.0; 9], at.clone(), at.iter().map(|at| libm::exp(-at)).collect()];
        let values: Vec<f64> = at.iter().map(|at| 3.0 - 0.25 * at + 7.0 * libm::exp(-at)).collect();
        let found = coefficients(&columns, &values);
        assert!(
            found.iter().zip([3.0, -0.25, 7.0]).all(|(found, true_one)| (found - true_one).abs() < 1e-10),
            "{found:?}"
        );
    }
}
