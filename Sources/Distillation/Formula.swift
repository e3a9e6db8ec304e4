/// A number in its shortest form: 2 and 0.1, not 2.0.
func short(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// The Swift expression that creates a value: `SoftTargets(temperature: 2)`.
func formula<Value>(of type: Value.Type, _ arguments: [(label: String, value: String)?]) -> String {
    let list = arguments.compactMap { $0 }.map { "\($0.label): \($0.value)" }
    return "\(type)(\(list.joined(separator: ", ")))"
}
