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
}
