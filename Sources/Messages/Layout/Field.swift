/// One field of a record: its name in error messages, and how its content is read and written.
package struct Field<Record: Sendable, Content>: Sendable {
    /// A path to a property of the record.
    package typealias Path<Value> = any KeyPath<Record, Value> & Sendable

    /// The fewest bytes that the field takes.
    let minimumBytes: Int
    /// Reads the content.
    let read: @Sendable (inout ByteReader) throws(MessageError) -> Content
    /// Writes the record's content.
    let write: @Sendable (Record, inout ByteWriter) throws(MessageError) -> Void
    /// Content for a sample record.
    let sample: @Sendable (inout SampleNumbers) -> Content
}

extension Field where Content: WireValue {
    /// A number, a digest or a nested record.
    package static func value(
        _ name: String, _ path: Path<Content>
    ) -> Field {
        Field(
            minimumBytes: Content.minimumBytes,
            read: { (reader) throws(MessageError) in try reader.read(name) },
            write: { (record, writer) throws(MessageError) in
                try writer.write(record[keyPath: path])
            },
            sample: { Content.sample(&$0) })
    }
}

extension Field where Content == Bool {
    /// One byte: 1 for true, 0 for false.
    package static func flag(_ name: String, _ path: Path<Bool>) -> Field {
        Field(
            minimumBytes: 1,
            read: { (reader) throws(MessageError) in try reader.flag(name) },
            write: { (record, writer) throws(MessageError) in writer.flag(record[keyPath: path]) },
            sample: { _ in true })
    }
}

extension Field where Content == String {
    /// A length (UInt32), then so many bytes of UTF-8 without control characters.
    ///
    /// - Parameter multiline: whether line feeds and tabs are allowed.
    package static func text(
        _ name: String, _ path: Path<String>, limit: Int,
        multiline: Bool = false
    ) -> Field {
        Field(
            minimumBytes: 4,
            read: { (reader) throws(MessageError) in
                try reader.text(name, limit: limit, multiline: multiline)
            },
            write: { (record, writer) throws(MessageError) in
                try writer.text(record[keyPath: path], name, limit: limit, multiline: multiline)
            },
            sample: { _ in name })
    }

    /// A text of one sentence, such as a reason.
    package static func sentence(
        _ name: String, _ path: Path<String>
    ) -> Field {
        text(name, path, limit: Limits.sentenceBytes)
    }
}

extension Field {
    /// A count (UInt32), then so many values.
    package static func list<Element: WireValue>(
        _ name: String, _ path: Path<[Element]>, limit: Int
    ) -> Field where Content == [Element] {
        Field(
            minimumBytes: 4,
            read: { (reader) throws(MessageError) in try reader.list(name, limit: limit) },
            write: { (record, writer) throws(MessageError) in
                try writer.list(record[keyPath: path], name, limit: limit)
            },
            // Two elements: a reader that stops after the first would pass with one.
            sample: { [.sample(&$0), .sample(&$0)] })
    }

    /// A flag, and the value if the flag is 1.
    package static func optional<Wrapped: WireValue>(
        _ name: String, _ path: Path<Wrapped?>
    ) -> Field where Content == Wrapped? {
        Field(
            minimumBytes: 1,
            read: { (reader) throws(MessageError) in
                try reader.flag(name) ? try reader.read(name) : nil
            },
            write: { (record, writer) throws(MessageError) in
                let value = record[keyPath: path]
                writer.flag(value != nil)
                if let value { try writer.write(value) }
            },
            sample: { Wrapped.sample(&$0) })
    }
}
