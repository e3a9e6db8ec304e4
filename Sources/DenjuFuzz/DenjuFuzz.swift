import Foundation
import Glibc

/// The reader that the environment variable DENJU_FUZZ_READER names.
private let reader: FuzzedReader = {
    let name = unsafe getenv("DENJU_FUZZ_READER").map { unsafe String(cString: $0) } ?? ""
    guard let reader = FuzzedReader(rawValue: name) else {
        let names = FuzzedReader.allCases.map(\.rawValue).joined(separator: ", ")
        print("DENJU_FUZZ_READER is '\(name)': set it to one of \(names).")
        exit(64)
    }
    return reader
}()

/// Reads an input of libFuzzer, whose program calls this function.
@c(LLVMFuzzerTestOneInput)
public func readFuzzedInput(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    do {
        try reader.read(bytes)
    } catch is FuzzedReader.Contradiction {
        fatalError("The reader accepted bytes that its writer would not write.")
    } catch {
        // A rejected input: the message is part of what the user sees, so it must not crash either.
        guard !"\(error)".isEmpty else {
            fatalError("The reader rejected the input without a reason.")
        }
    }
    return 0
}

/// libFuzzer's program.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>, Int) -> CInt
) -> CInt

/// The entry point, under the name that the package manager gives to the main function of `denju-fuzz`.
///
/// With the arguments `--seeds FOLDER` it writes the reader's first inputs instead of exploring.
@c(denju_fuzz_main)
public func main(
    _ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> CInt {
    let words = CommandLine.arguments
    if words.count == 3, words[1] == "--seeds" {
        do {
            for (number, seed) in try reader.seeds.enumerated() {
                try Data(seed).write(to: URL(filePath: "\(words[2])/seed-\(number)"))
            }
            return 0
        } catch {
            print("\(error)")
            return 1
        }
    }
    _ = reader
    var (count, arguments) = unsafe (count, arguments)
    return unsafe runFuzzer(&count, &arguments) { data, size in unsafe readFuzzedInput(data, size) }
}
