// Functions have the names of denju.h, which documents them; the compiler compares the declarations.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CDenju
import DenjuInference
import Networks

@c @implementation
public func denju_abi_version() -> UInt32 { UInt32(DENJU_ABI_VERSION) }

@c @implementation
public func denju_version() -> UnsafePointer<CChar>! { unsafe Texts.version[0] }

// MARK: - Opening

@c @implementation
public func denju_model_open(
    _ path: UnsafePointer<CChar>!, _ model: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<denju_error>!
) -> denju_status {
    unsafe reporting(to: error, else: .invalidModel) {
        guard let path = unsafe path, let model = unsafe model else {
            throw CallError.invalid("denju_model_open needs a path and a place for the model.")
        }
        let name = unsafe String(cString: path)
        let opened = try Model(Segmenter(name))
        unsafe model.pointee = opened.retained
    }
}

@c @implementation
public func denju_model_read(
    _ bytes: UnsafeRawPointer!, _ count: Int, _ name: UnsafePointer<CChar>!,
    _ model: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<denju_error>!
) -> denju_status {
    unsafe reporting(to: error, else: .invalidModel) {
        guard let bytes = unsafe bytes, let model = unsafe model else {
            throw CallError.invalid("denju_model_read needs bytes and a place for the model.")
        }
        let name = unsafe name.map { unsafe String(cString: $0) } ?? "model"
        let copy = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
        let opened = try Model(Segmenter(bytes: copy, name: name))
        unsafe model.pointee = opened.retained
    }
}

@c @implementation
public func denju_model_close(_ model: OpaquePointer!) {
    if let model = unsafe model { unsafe Model.release(model) }
}

// MARK: - Describing

@c @implementation
public func denju_model_grid(_ model: OpaquePointer!) -> Float {
    unsafe Model.at(model).segmenter.card.grid
}

@c @implementation
public func denju_model_class_count(_ model: OpaquePointer!) -> Int {
    unsafe Model.at(model).classNames.count
}

@c @implementation
public func denju_model_class_name(
    _ model: OpaquePointer!, _ label: Int
) -> UnsafePointer<CChar>! {
    unsafe Model.at(model).classNames[label]
}

@c @implementation
public func denju_model_class_number(_ model: OpaquePointer!, _ label: Int) -> Int64 {
    let card = unsafe Model.at(model).segmenter.card
    guard card.classes.indices.contains(label) else { return -1 }
    return Int64(card.number(of: Int32(label)))
}

@c @implementation
public func denju_model_field_count(_ model: OpaquePointer!) -> Int {
    unsafe Model.at(model).fieldNames.count
}

@c @implementation
public func denju_model_field_name(
    _ model: OpaquePointer!, _ field: Int
) -> UnsafePointer<CChar>! {
    unsafe Model.at(model).fieldNames[field]
}

@c @implementation
public func denju_model_tap_count(_ model: OpaquePointer!) -> Int {
    unsafe Model.at(model).tapNames.count
}

@c @implementation
public func denju_model_tap_name(_ model: OpaquePointer!, _ tap: Int) -> UnsafePointer<CChar>! {
    unsafe Model.at(model).tapNames[tap]
}

@c @implementation
public func denju_model_tap_width(_ model: OpaquePointer!, _ tap: Int) -> Int {
    let taps = unsafe Model.at(model).segmenter.network.taps
    return taps.indices.contains(tap) ? taps[tap].width : 0
}
