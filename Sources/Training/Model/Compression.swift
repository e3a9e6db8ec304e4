package import Networks

/// Size of a network.
package struct ModelSize: Sendable, Equatable {
    /// The number of trained values.
    package let parameters: Int
    /// The bytes of the weights in a file, including running statistics.
    package let bytes: Int

    /// The size of a network.
    package init(_ network: any Network) {
        parameters = network.parameterCount
        bytes = 4 * network.specifications.reduce(0) { $0 + $1.count }
    }
}

/// Sizes of a teacher and its student.
package struct Compression: Sendable, Equatable {
    /// The teacher's size.
    package let teacher: ModelSize
    /// The student's.
    package let student: ModelSize

    /// The compression of one network into another.
    package init(teacher: any Network, student: any Network) {
        self.teacher = ModelSize(teacher)
        self.student = ModelSize(student)
    }

    /// The teacher's number of parameters divided by the student's.
    package var ratio: Double { Double(teacher.parameters) / Double(max(student.parameters, 1)) }
}
