// Functions have the names of denju.h, which documents them; the compiler compares the declarations.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CDenju
import Networks
import Synchronization

/// The object behind a `denju_workspace`.
final class Workspace: Handle, Sendable {
    let model: Model
    let threads: Int
    let cancellation = Cancellation()
    private let isBusy = Atomic(false)

    init(of model: Model, threads: Int) {
        self.model = model
        self.threads = threads
    }

    /// Calls `body` unless another thread does so already.
    func exclusively(_ body: () throws -> Void) throws {
        guard
            isBusy.compareExchange(
                expected: false, desired: true, ordering: .acquiring
            ).exchanged
        else {
            throw CallError(
                .busy, "Another thread is using the workspace: create one for each thread.")
        }
        defer { isBusy.store(false, ordering: .releasing) }
        cancellation.reset()
        try body()
    }
}

@c @implementation
public func denju_workspace_create(
    _ model: OpaquePointer!, _ threads: Int, _ workspace: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<denju_error>!
) -> denju_status {
    unsafe reporting(to: error, else: .invalidArgument) {
        guard let model = unsafe model, let workspace = unsafe workspace else {
            throw CallError.invalid("denju_workspace_create needs a model and a place.")
        }
        guard (1...1024).contains(threads) else {
            throw CallError.invalid("A workspace of \(threads) threads: give 1 to 1024.")
        }
        unsafe workspace.pointee = Workspace(of: Model.at(model), threads: threads).retained
    }
}

@c @implementation
public func denju_workspace_destroy(_ workspace: OpaquePointer!) {
    if let workspace = unsafe workspace { unsafe Workspace.release(workspace) }
}

@c @implementation
public func denju_workspace_cancel(_ workspace: OpaquePointer!) {
    unsafe Workspace.at(workspace).cancellation.request()
}
