import Files
import Testing

@Suite struct BLAKE2bTests {
    /// Digests by Python's `hashlib.blake2b(digest_size=32)`.
    @Test(
        "digests equal Python's",
        arguments: [
            ("", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"),
            ("abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"),
        ])
    func digestsEqualPythons(text: String, hex: String) {
        #expect(BLAKE2b(of: text).hex == hex)
        #expect(BLAKE2b(hex: hex) == BLAKE2b(of: text))
        #expect(BLAKE2b(hex: hex.uppercased()) == nil)
        #expect(BLAKE2b(bytes: [1, 2, 3]) == nil)
    }

    /// Lengths around the blocks of 128 bytes, by Python as above.
    @Test(
        "digests of any length equal Python's",
        arguments: [
            (1, "03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314"),
            (63, "913406473c4c054c1d90dcf13793bb73a57d2a0a9e6338d3976517ed4feaa862"),
            (64, "779cae632aeb65b8b8d586a2a2a5773dcde49db55e91489a6a2141ea1f777a79"),
            (127, "516693c5614b0f3d2f117154f241dd7cd48771cdeecbf8fe692ac430fd6cbec4"),
            (128, "21de38dbacffafd405d945fee83b22d833abeca561f5367b5fece93a478dc912"),
            (129, "f50c922a2b3018f3131015a4adfc7619ed0cc0bf45b0a5d5e296f518f0d2ecab"),
            (255, "89c9253bf76ef7a08695028ceb6b80d6c51698c749ba01e1fa5e06a484b8bda9"),
            (256, "1eab4f89d20ce8d6705619d1b110ce70757d32cbd4461df973a79a9ef12c37fd"),
            (257, "d664f6c44ddc7e87e674ffdff84186ad691ce77aa0a4f77422e378b7bc926fe7"),
            (1000, "2731b2304c27bbf824057c6d40f720febc6147854a9e9894b3362c31cccc5a3a"),
            (100000, "c42a0f71c3c44ea3ea0fc5ce3bb70de23883c33312b3a067305e20218d3e2554"),
        ])
    func digestsOfAnyLengthEqualPythons(count: Int, hex: String) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        #expect(BLAKE2b(of: bytes).hex == hex)
    }
}
