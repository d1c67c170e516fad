/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Public keys for tests of CT logs, made for them with openssl. */
#ifndef TESTS_UNIT_LOG_KEYS_H
#define TESTS_UNIT_LOG_KEYS_H

#define KEY_P256_A                                                         \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkZ5/I8IdLNlNu2PTwCTb2eel9ajS" \
	"+JwFlx0qYu3FqZCA0Il/yu8/gFKWVs0NY4kVDvhf63xDoRAgLJjuHueYKw=="
#define KEY_P256_B                                                         \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIFuHwMwEB0yKjZNN31pSAGyBxtK6" \
	"JMRaN6w8YTE/VBkEmMP7k9fzZWFwXEEK7uc+y4B74EXvFQr12JJjpbIeUw=="
#define KEY_P256_C                                                         \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEu5MG3I3OiqDnjwtdUETZRetPUrP+" \
	"ojE6MNNzOHU3bp/ObAbZmiiGzL+NALTPw4mKx1ITVUXYBEjsjtwyI21U1A=="
/* The last octet of A changed: not on the curve. */
#define KEY_P256_OFF                                                       \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkZ5/I8IdLNlNu2PTwCTb2eel9ajS" \
	"+JwFlx0qYu3FqZCA0Il/yu8/gFKWVs0NY4kVDvhf63xDoRAgLJjuHueYLw=="
#define KEY_P256_COMPRESSED                                                \
	"MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACMrPyjlUWbbtQIPhHQV13utcTQNam" \
	"o6WS+vqqZA/n4dI="
#define KEY_P384                                                           \
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE5ktZ9jdQhV91WI+sRAwe3Bjsl8Kbpx56" \
	"fQ84yHtfonzwnpudq74YzCfIDeHrRhxwzkRUrMOWlBngsjvm+gpAvUAyeed0zM2N" \
	"GkJ6PCnXN6FitcpmAT4Rq2AwjVXeIqww"
#define KEY_P521                                                           \
	"MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAC4hu781kTk3eKm1IkBMZnR1xI2Nt" \
	"zDW/asppeiUUmEuCmEdCgJK8SJorE2BJQgPdm7mdX93ghwJuhEJfMF100SABBTQB" \
	"VZKJO82us37W2S4Z9pip4eyEr9LGRljuspWbn6N+T2BYIEQODRFJnM5O6OPYD4By" \
	"woK4vLEW5NeLoDMdrJs="
#define KEY_ED25519 "MCowBQYDK2VwAyEAFvRyiQH68V74uNxjRBiMWMcALBxUtqNG9NumeIQ2518="
#define KEY_RSA_1024                                                       \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDq3PkYJKwLSCgvZ023guzcxA8W" \
	"MtZuuouBbsXcPU9fF6eoN/7RQYK2SOtXlsF6Y0GWxbJgAhKJ+2ujM/ErAPpIcjKL" \
	"uhuLHxh+eaiHVQAvnJ/37/IVjtA6lEz3ivH0gSXQY79CvvO1V7njREIKmyvXJFI6" \
	"kle4cbpTzHuqR0Vc8wIDAQAB"
#define KEY_RSA_2048                                                       \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEApNBpOZjDmV3K0hCO+hxk" \
	"emicKw6i2AGacZ+KN2AzBmexiZxK345oTSZcd43uMGpREUzUaCJXFR8vntNrAY/y" \
	"SW9QZvpSkoCQmrQsxhZcIOZkhOcCvf4969/0fuznd0RX/8CnztYq7FlSSpHiYOU0" \
	"uYDvYTjRXuQ5e3EshyzOcA2FcSBvfLBbzQk9ZtnAR01QPaBz+voXxXydLtBZNaWo" \
	"1tyAGHshI88+/En+YaG+WlonB4Skwfm48M5Dl46Kd+6LMx2h4EYNRgcz5GN/EM1u" \
	"+fTNnjVBUYMRxaZiBUeQ5if9Kt1HGw80Z4zo7H0ZQ46nZo7pR817NH5A6ew1yd87" \
	"bQIDAQAB"

/* Their ids: SHA-256, base64. */
#define ID_P256_A "Ta3MTfTOEexVOtPMpiJ3/pGO+cca1ug/hEqS+J+BA+A="
#define ID_P256_B "Qa+3nLhQQbkALg2Tbpjh2ZPG8OXi4nnVClYGeXJj0gI="
#define ID_P384 "8w3dU3ysBJw9HvME7o3YyuFNH8U6H7oSv0JYHEfPFcY="
/* P256_A as a C++ source has it. */
#define HEX_P256_A \
	"\"\\x30\\x59\\x30\\x13\\x06\\x07\\x2a\\x86\\x48\\xce\\x3d\\x02\\x01\\x06\\x08\\x2a\"\n" \
	"\"\\x86\\x48\\xce\\x3d\\x03\\x01\\x07\\x03\\x42\\x00\\x04\\x91\\x9e\\x7f\\x23\\xc2\"\n" \
	"\"\\x1d\\x2c\\xd9\\x4d\\xbb\\x63\\xd3\\xc0\\x24\\xdb\\xd9\\xe7\\xa5\\xf5\\xa8\\xd2\"\n" \
	"\"\\xf8\\x9c\\x05\\x97\\x1d\\x2a\\x62\\xed\\xc5\\xa9\\x90\\x80\\xd0\\x89\\x7f\\xca\"\n" \
	"\"\\xef\\x3f\\x80\\x52\\x96\\x56\\xcd\\x0d\\x63\\x89\\x15\\x0e\\xf8\\x5f\\xeb\\x7c\"\n" \
	"\"\\x43\\xa1\\x10\\x20\\x2c\\x98\\xee\\x1e\\xe7\\x98\\x2b\"\n"

#endif
