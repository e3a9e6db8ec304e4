/// The wire layout of a record: its fields in declared order, declared once.
///
/// From the same declaration come the reader, the writer, the fewest bytes that a value takes and a
/// sample value for tests:
///
/// ```swift
/// static let layout = Layout(
///     WeightsBucket.init(version:bucket:bucketCount:),
///     .value("version", \.version),
///     .value("bucket", \.bucket),
///     .value("bucket count", \.bucketCount))
/// ```
///
/// The compiler checks number, order and types of the fields against the initialiser's parameters.
package struct Layout<Record: Sendable>: Sendable {
    /// The fewest bytes that a record takes.
    package let minimumBytes: Int
    /// Reads a record's fields and checks its conditions.
    package let read: @Sendable (inout ByteReader) throws(MessageError) -> Record
    /// Writes a record's fields.
    package let write: @Sendable (Record, inout ByteWriter) throws(MessageError) -> Void
    /// A record whose integers are successive numbers.
    package let sample: @Sendable (inout SampleNumbers) -> Record

    /// The layout of a record that is made from exactly these fields.
    package init<each Content>(
        _ make: @escaping @Sendable (repeat each Content) -> Record,
        _ field: repeat Field<Record, each Content>
    ) {
        var bytes = 0
        for field in repeat each field { bytes += field.minimumBytes }
        minimumBytes = bytes
        read = { (reader) throws(MessageError) in make(repeat try (each field).read(&reader)) }
        write = { (record, writer) throws(MessageError) in
            for field in repeat each field { try field.write(record, &writer) }
        }
        sample = { numbers in make(repeat (each field).sample(&numbers)) }
    }

    private init(
        _ layout: Layout,
        read: @escaping @Sendable (inout ByteReader) throws(MessageError) -> Record
    ) {
        minimumBytes = layout.minimumBytes
        self.read = read
        write = layout.write
        sample = layout.sample
    }

    /// The same layout, whose reader rejects records with a complaint.
    ///
    /// - Parameter complaint: nil for valid records; otherwise the error message after the
    ///   message's name: "has no threads".
    package func rejecting(_ complaint: @escaping @Sendable (Record) -> String?) -> Layout {
        Layout(self) { (reader) throws(MessageError) in
            let record = try read(&reader)
            if let complaint = complaint(record) { try reader.reject(complaint) }
            return record
        }
    }
}

/// A value that is written field by field, as its layout declares.
package protocol WireRecord: WireValue {
    /// The fields in the order in which they stand on the wire.
    static var layout: Layout<Self> { get }
}

extension WireRecord {
    /// The sum of the fields' fewest bytes.
    package static var minimumBytes: Int { layout.minimumBytes }

    /// A record whose integers are successive numbers.
    package static func sample(_ numbers: inout SampleNumbers) -> Self { layout.sample(&numbers) }

    /// Reads the fields in declared order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        self = try Self.layout.read(&reader)
    }

    /// Writes the fields in declared order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try Self.layout.write(self, &writer)
    }
}
