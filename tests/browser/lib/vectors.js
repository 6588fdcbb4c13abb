// SPDX-License-Identifier: Apache-2.0
// Published test vectors, in hexadecimal. RFC 9382, Appendix B: SPAKE2-P256-SHA256-HKDF-HMAC.
export const SPAKE2_VECTORS = [
    {
        idA: 'server',
        idB: 'client',
        w: '2ee57912099d31560b3a44b1184b9b4866e904c49d12ac5042c97dca461b1a5f',
        x: '43dd0fd7215bdcb482879fca3220c6a968e66d70b1356cac18bb26c84a78d729',
        y: 'dcb60106f276b02606d8ef0a328c02e4b629f84f89786af5befb0bc75b6e66be',
        shareA:
            '04a56fa807caaa53a4d28dbb9853b9815c61a411118a6fe516a8798434751470f9' +
            '010153ac33d0d5f2047ffdb1a3e42c9b4e6be662766e1eeb4116988ede5f912c',
        shareB:
            '0406557e482bd03097ad0cbaa5df82115460d951e3451962f1eaf4367a420676d0' +
            '9857ccbc522686c83d1852abfa8ed6e4a1155cf8f1543ceca528afb591a1e0b7',
        shared:
            '0412af7e89717850671913e6b469ace67bd90a4df8ce45c2af19010175e37eed69' +
            'f75897996d539356e2fa6a406d528501f907e04d97515fbe83db277b715d3325',
        hash: '0e0672dc86f8e45565d338b0540abe6915bdf72e2b35b5c9e5663168e960a91b',
        proofA: '58ad4aa88e0b60d5061eb6b5dd93e80d9c4f00d127c65b3b35b1b5281fee38f0',
        proofB: 'd3e2e547f1ae04f2dbdbf0fc4b79f8ecff2dff314b5d32fe9fcef2fb26dc459b',
    },
    {
        idA: '',
        idB: 'client',
        w: '0548d8729f730589e579b0475a582c1608138ddf7054b73b5381c7e883e2efae',
        x: '403abbe3b1b4b9ba17e3032849759d723939a27a27b9d921c500edde18ed654b',
        y: '903023b6598908936ea7c929bd761af6039577a9c3f9581064187c3049d87065',
        shareA:
            '04a897b769e681c62ac1c2357319a3d363f610839c4477720d24cbe32f5fd85f44' +
            'fb92ba966578c1b712be6962498834078262caa5b441ecfa9d4a9485720e918a',
        shareB:
            '04e0f816fd1c35e22065d5556215c097e799390d16661c386e0ecc84593974a61b' +
            '881a8c82327687d0501862970c64565560cb5671f696048050ca66ca5f8cc7fc',
        shared:
            '048f83ec9f6e4f87cc6f9dc740bdc2769725f923364f01c84148c049a39a735ebd' +
            'a82eac03e00112fd6a5710682767cff5361f7e819e53d8d3c3a2922e0d837aa6',
        hash: '642f05c473c2cd79909f9a841e2f30a70bf89b18180af97353ba198789c2b963',
        proofA: '47d29e6666af1b7dd450d571233085d7a9866e4d49d2645e2df975489521232b',
        proofB: '3313c5cefc361d27fb16847a91c2a73b766ffa90a4839122a9b70a2f6bd1d6df',
    },
    {
        idA: 'server',
        idB: '',
        w: '626e0cdc7b14c9db3e52a0b1b3a768c98e37852d5db30febe0497b14eae8c254',
        x: '07adb3db6bc623d3399726bfdbfd3d15a58ea776ab8a308b00392621291f9633',
        y: 'b6a4fc8dbb629d4ba51d6f91ed1532cf87adec98f25dd153a75accafafedec16',
        shareA:
            '04f88fb71c99bfffaea370966b7eb99cd4be0ff1a7d335caac4211c4afd855e2e1' +
            '5a873b298503ad8ba1d9cbb9a392d2ba309b48bfd7879aefd0f2cea6009763b0',
        shareB:
            '040c269d6be017dccb15182ac6bfcd9e2a14de019dd587eaf4bdfd353f031101e7' +
            'cca177f8eb362a6e83e7d5e729c0732e1b528879c086f39ba0f31a9661bd34db',
        shared:
            '0445ee233b8ecb51ebd6e7da3f307e88a1616bae2166121221fdc0dadb986afaf3' +
            'ec8a988dc9c626fa3b99f58a7ca7c9b844bb3e8dd9554aafc5b53813504c1cbe',
        hash: '005184ff460da2ce59062c87733c299c3521297d736598fc0a1127600efa1afb',
        proofA: 'bc9f9bbe99f26d0b2260e6456e05a86196a3307ec6663a18bf6ac825736533b2',
        proofB: 'c2370e1bf813b086dff0d834e74425a06e6390f48f5411900276dcccc5a297ec',
    },
    {
        idA: '',
        idB: '',
        w: '7bf46c454b4c1b25799527d896508afd5fc62ef4ec59db1efb49113063d70cca',
        x: '8cef65df64bb2d0f83540c53632de911b5b24b3eab6cc74a97609fd659e95473',
        y: 'd7a66f64074a84652d8d623a92e20c9675c61cb5b4f6a0063e4648a2fdc02d53',
        shareA:
            '04a65b367a3f613cf9f0654b1b28a1e3a8a40387956c8ba6063e8658563890f46c' +
            'a1ef6a676598889fc28de2950ab8120b79a5ef1ea4c9f44bc98f585634b46d66',
        shareB:
            '04589f13218822710d98d8b2123a079041052d9941b9cf88c6617ddb2fcc049466' +
            '2eea8ba6b64692dc318250030c6af045cb738bc81ba35b043c3dcb46adf6f58d',
        shared:
            '041a3c03d51b452537ca2a1fea6110353c6d5ed483c4f0f86f4492ca3f378d40a9' +
            '94b4477f93c64d928edbbcd3e85a7c709b7ea73ee97986ce3d1438e135543772',
        hash: 'fc6374762ba5cf11f4b2caa08b2cd1b9907ae0e26e8d6234318d91583cd74c86',
        proofA: 'dfb4db8d48ae5a675963ea5e6c19d98d4ea028d8e898dad96ea19a80ade95dca',
        proofB: 'd0f0609d1613138d354f7e95f19fb556bf52d751947241e8c7118df5ef0ae175',
    },
];

// RFC 4231: key, data, HMAC-SHA-256.
export const HMAC_VECTORS = [
    [
        '0b'.repeat(20),
        '4869205468657265',
        'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
        '4a656665',
        '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
        'aa'.repeat(20),
        'dd'.repeat(50),
        '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
    ],
    [
        '0102030405060708090a0b0c0d0e0f10111213141516171819',
        'cd'.repeat(50),
        '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    ],
    [
        'aa'.repeat(131),
        Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First').toString('hex'),
        '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [
        'aa'.repeat(131),
        Buffer.from(
            'This is a test using a larger than block-size key and a larger than ' +
                'block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
        ).toString('hex'),
        '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    ],
];

const counting = (first, size) =>
    Buffer.from(Array.from({ length: size }, (_, i) => first + i)).toString('hex');

// RFC 5869, A.1 to A.3: key material, salt, info, output.
export const HKDF_VECTORS = [
    [
        '0b'.repeat(22),
        counting(0, 13),
        counting(0xf0, 10),
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    ],
    [
        counting(0, 80),
        counting(0x60, 80),
        counting(0xb0, 80),
        'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c' +
            '59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71' +
            'cc30c58179ec3e87c14c01d5c1f3434f1d87',
    ],
    [
        '0b'.repeat(22),
        '',
        '',
        '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    ],
];

// FIPS 180-4, 4.2.2 and 5.3.3.
export const SHA256_START = '6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19';
export const SHA256_ROUNDS =
    '428a2f9871374491b5c0fbcfe9b5dba53956c25b59f111f1923f82a4ab1c5ed5' +
    'd807aa9812835b01243185be550c7dc372be5d7480deb1fe9bdc06a7c19bf174' +
    'e49b69c1efbe47860fc19dc6240ca1cc2de92c6f4a7484aa5cb0a9dc76f988da' +
    '983e5152a831c66db00327c8bf597fc7c6e00bf3d5a7914706ca635114292967' +
    '27b70a852e1b21384d2c6dfc53380d13650a7354766a0abb81c2c92e92722c85' +
    'a2bfe8a1a81a664bc24b8b70c76c51a3d192e819d6990624f40e3585106aa070' +
    '19a4c1161e376c082748774c34b0bcb5391c0cb34ed8aa4a5b9cca4f682e6ff3' +
    '748f82ee78a5636f84c878148cc7020890befffaa4506cebbef9a3f7c67178f2';

// FIPS 180-4 examples and one million letters a: message, hash.
export const SHA256_VECTORS = [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
        'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
    ['a'.repeat(1e6), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
];

// RFC 8439: 2.3.2 block, 2.5.2 and A.3 authenticators, 2.8.2 AEAD.
export const CHACHA_BLOCK = {
    key: counting(0, 32),
    nonce: '000000090000004a00000000',
    counter: 1,
    block:
        '10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e' +
        'd2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e',
};
export const POLY1305_VECTORS = [
    [
        '85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b',
        Buffer.from('Cryptographic Forum Research Group').toString('hex'),
        'a8061dc1305136c6c22b8baf0c0127a9',
    ],
    ['02' + '00'.repeat(31), 'ff'.repeat(16), '03' + '00'.repeat(15)],
    ['02' + '00'.repeat(15) + 'ff'.repeat(16), '02' + '00'.repeat(15), '03' + '00'.repeat(15)],
    [
        '01' + '00'.repeat(31),
        'ff'.repeat(16) + 'f0' + 'ff'.repeat(15) + '11' + '00'.repeat(15),
        '05' + '00'.repeat(15),
    ],
    ['02' + '00'.repeat(31), 'fd' + 'ff'.repeat(15), 'fa' + 'ff'.repeat(15)],
];
export const AEAD_VECTOR = {
    key: counting(0x80, 32),
    nonce: '070000004041424344454647',
    extra: '50515253c0c1c2c3c4c5c6c7',
    message: Buffer.from(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for " +
            'the future, sunscreen would be it.',
    ).toString('hex'),
    sealed:
        'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6' +
        '3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36' +
        '92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc' +
        '3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691',
};
