extension Tensor {
    /// The place of the first NaN or infinity in row-major order; nil if every value is finite.
    package var firstThatIsNotFinite: Int? {
        withValues { values in
            for place in 0..<values.count where !values[place].isFinite { return place }
            return nil
        }
    }
}
