internal import CKernels

/// The state of AdamW for a flat run of parameters: the values and both moments.
public struct AdamWState: Sendable {
    /// The parameters' values.
    public var values: Tensor
    /// Running mean of the gradients.
    public var firstMoment: Tensor
    /// Running mean of their squares.
    public var secondMoment: Tensor

    /// The given values and moments, all flat runs of one length.
    public init(values: Tensor, firstMoment: Tensor, secondMoment: Tensor) {
        precondition(values.count == firstMoment.count && values.count == secondMoment.count)
        self.values = values
        self.firstMoment = firstMoment
        self.secondMoment = secondMoment
    }

    /// The given values with moments of zero.
    public init(values: Tensor) {
        let zero = Tensor(rows: 1, columns: values.count, filledWith: 0)
        self.init(values: values, firstMoment: zero, secondMoment: zero)
    }

    /// The numbers of one step that are the same for every parameter.
    public struct Coefficients: Sendable {
        /// Decay of the first moment.
        public var beta1: Float
        /// Decay of the second moment.
        public var beta2: Float
        /// Added to the root of the second moment.
        public var epsilon: Float
        /// Decoupled weight decay, times the learning rate.
        public var weightDecay: Float
        /// Steps taken, this one included: for the bias correction.
        public var count: Int

        /// Coefficients of one step.
        public init(
            beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float,
            count: Int
        ) {
            self.beta1 = beta1
            self.beta2 = beta2
            self.epsilon = epsilon
            self.weightDecay = weightDecay
            self.count = count
        }
    }

    /// The state after one step of AdamW (Loshchilov and Hutter, arXiv 1711.05101).
    ///
    ///     m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
    ///     w = w (1 - rate decay) - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon)
    ///
    /// - Parameters:
    ///   - gradient: a flat run of the same length.
    ///   - scale: the factor of the gradient before anything else (clipping).
    ///   - rates: the learning rate of each stretch of the run, in order, without gaps.
    public func updated(
        gradient: Tensor, scale: Float = 1, rates: [(count: Int, rate: Float)],
        _ coefficients: Coefficients
    ) -> AdamWState {
        precondition(
            gradient.count == values.count, "The gradient has another length than the values.")
        precondition(
            rates.reduce(0) { $0 + $1.count } == values.count,
            "The rates have another length than the values.")
        let count = values.count
        let next = AdamWState(
            values: .uninitialized(rows: 1, columns: count),
            firstMoment: .uninitialized(rows: 1, columns: count),
            secondMoment: .uninitialized(rows: 1, columns: count))
        var power1 = 1.0
        var power2 = 1.0
        // Repeated products instead of `pow`, whose last bits differ between C libraries. After
        // 200,000 steps the powers of usual decays are nothing beside 1.
        for _ in 0..<min(coefficients.count, 200_000) {
            power1 *= Double(coefficients.beta1)
            power2 *= Double(coefficients.beta2)
        }
        var offset = 0
        for stretch in rates {
            let numbers = dj_adamw_numbers(
                rate: stretch.rate, beta1: coefficients.beta1, beta2: coefficients.beta2,
                epsilon: coefficients.epsilon, decay: stretch.rate * coefficients.weightDecay,
                scale: scale, correction1: Float(1 / (1 - power1)),
                correction2: Float(1 / (1 - power2)))
            unsafe dj_adamw(
                values.storage.base + offset, firstMoment.storage.base + offset,
                secondMoment.storage.base + offset, gradient.storage.base + offset,
                next.values.storage.base + offset, next.firstMoment.storage.base + offset,
                next.secondMoment.storage.base + offset, stretch.count, numbers)
            offset += stretch.count
        }
        return next
    }
}
