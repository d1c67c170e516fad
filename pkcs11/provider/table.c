// SPDX-License-Identifier: LGPL-2.1-or-later
/* The one symbol that this module exports, and all functions that it has nothing to say to. */
#include <p11-kit/pkcs11.h>

#define REFUSE(name, answer, ...)           \
	static CK_RV no_##name(__VA_ARGS__) \
	{                                   \
		return answer;              \
	}

/* clang-format off */
REFUSE(C_InitToken, CKR_TOKEN_WRITE_PROTECTED, CK_SLOT_ID a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d)
REFUSE(C_InitPIN, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c)
REFUSE(C_SetPIN, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG e)
REFUSE(C_GetOperationState, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG *c)
REFUSE(C_SetOperationState, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_OBJECT_HANDLE d, CK_OBJECT_HANDLE e)
REFUSE(C_CreateObject, CKR_TOKEN_WRITE_PROTECTED, CK_SESSION_HANDLE a, CK_ATTRIBUTE *b, CK_ULONG c, CK_OBJECT_HANDLE *d)
REFUSE(C_CopyObject, CKR_TOKEN_WRITE_PROTECTED, CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c, CK_ULONG d, CK_OBJECT_HANDLE *e)
REFUSE(C_DestroyObject, CKR_TOKEN_WRITE_PROTECTED, CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b)
REFUSE(C_SetAttributeValue, CKR_TOKEN_WRITE_PROTECTED, CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b, CK_ATTRIBUTE *c, CK_ULONG d)
REFUSE(C_EncryptInit, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c)
REFUSE(C_Encrypt, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_EncryptUpdate, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_EncryptFinal, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG *c)
REFUSE(C_DecryptInit, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c)
REFUSE(C_Decrypt, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_DecryptUpdate, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_DecryptFinal, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG *c)
REFUSE(C_DigestInit, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b)
REFUSE(C_Digest, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_DigestUpdate, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c)
REFUSE(C_DigestKey, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_OBJECT_HANDLE b)
REFUSE(C_DigestFinal, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG *c)
REFUSE(C_SignRecoverInit, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c)
REFUSE(C_SignRecover, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_VerifyRecoverInit, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c)
REFUSE(C_VerifyRecover, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_DigestEncryptUpdate, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_DecryptDigestUpdate, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_SignEncryptUpdate, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_DecryptVerifyUpdate, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c, CK_BYTE *d, CK_ULONG *e)
REFUSE(C_GenerateKey, CKR_TOKEN_WRITE_PROTECTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_ATTRIBUTE *c, CK_ULONG d, CK_OBJECT_HANDLE *e)
REFUSE(C_GenerateKeyPair, CKR_TOKEN_WRITE_PROTECTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_ATTRIBUTE *c, CK_ULONG d, CK_ATTRIBUTE *e, CK_ULONG f, CK_OBJECT_HANDLE *g, CK_OBJECT_HANDLE *h)
REFUSE(C_WrapKey, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c, CK_OBJECT_HANDLE d, CK_BYTE *e, CK_ULONG *f)
REFUSE(C_UnwrapKey, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c, CK_BYTE *d, CK_ULONG e, CK_ATTRIBUTE *f, CK_ULONG g, CK_OBJECT_HANDLE *h)
REFUSE(C_DeriveKey, CKR_FUNCTION_NOT_SUPPORTED, CK_SESSION_HANDLE a, CK_MECHANISM *b, CK_OBJECT_HANDLE c, CK_ATTRIBUTE *d, CK_ULONG e, CK_OBJECT_HANDLE *f)
REFUSE(C_SeedRandom, CKR_RANDOM_NO_RNG, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c)
REFUSE(C_GenerateRandom, CKR_RANDOM_NO_RNG, CK_SESSION_HANDLE a, CK_BYTE *b, CK_ULONG c)
REFUSE(C_GetFunctionStatus, CKR_FUNCTION_NOT_PARALLEL, CK_SESSION_HANDLE a)
REFUSE(C_CancelFunction, CKR_FUNCTION_NOT_PARALLEL, CK_SESSION_HANDLE a)
/* clang-format on */

static CK_FUNCTION_LIST functions = {
	.version = { 2, 40 },
	.C_Initialize = C_Initialize,
	.C_Finalize = C_Finalize,
	.C_GetInfo = C_GetInfo,
	.C_GetFunctionList = C_GetFunctionList,
	.C_GetSlotList = C_GetSlotList,
	.C_GetSlotInfo = C_GetSlotInfo,
	.C_GetTokenInfo = C_GetTokenInfo,
	.C_WaitForSlotEvent = C_WaitForSlotEvent,
	.C_GetMechanismList = C_GetMechanismList,
	.C_GetMechanismInfo = C_GetMechanismInfo,
	.C_InitToken = no_C_InitToken,
	.C_InitPIN = no_C_InitPIN,
	.C_SetPIN = no_C_SetPIN,
	.C_OpenSession = C_OpenSession,
	.C_CloseSession = C_CloseSession,
	.C_CloseAllSessions = C_CloseAllSessions,
	.C_GetSessionInfo = C_GetSessionInfo,
	.C_GetOperationState = no_C_GetOperationState,
	.C_SetOperationState = no_C_SetOperationState,
	.C_Login = C_Login,
	.C_Logout = C_Logout,
	.C_CreateObject = no_C_CreateObject,
	.C_CopyObject = no_C_CopyObject,
	.C_DestroyObject = no_C_DestroyObject,
	.C_GetObjectSize = C_GetObjectSize,
	.C_GetAttributeValue = C_GetAttributeValue,
	.C_SetAttributeValue = no_C_SetAttributeValue,
	.C_FindObjectsInit = C_FindObjectsInit,
	.C_FindObjects = C_FindObjects,
	.C_FindObjectsFinal = C_FindObjectsFinal,
	.C_EncryptInit = no_C_EncryptInit,
	.C_Encrypt = no_C_Encrypt,
	.C_EncryptUpdate = no_C_EncryptUpdate,
	.C_EncryptFinal = no_C_EncryptFinal,
	.C_DecryptInit = no_C_DecryptInit,
	.C_Decrypt = no_C_Decrypt,
	.C_DecryptUpdate = no_C_DecryptUpdate,
	.C_DecryptFinal = no_C_DecryptFinal,
	.C_DigestInit = no_C_DigestInit,
	.C_Digest = no_C_Digest,
	.C_DigestUpdate = no_C_DigestUpdate,
	.C_DigestKey = no_C_DigestKey,
	.C_DigestFinal = no_C_DigestFinal,
	.C_SignInit = C_SignInit,
	.C_Sign = C_Sign,
	.C_SignUpdate = C_SignUpdate,
	.C_SignFinal = C_SignFinal,
	.C_SignRecoverInit = no_C_SignRecoverInit,
	.C_SignRecover = no_C_SignRecover,
	.C_VerifyInit = C_VerifyInit,
	.C_Verify = C_Verify,
	.C_VerifyUpdate = C_VerifyUpdate,
	.C_VerifyFinal = C_VerifyFinal,
	.C_VerifyRecoverInit = no_C_VerifyRecoverInit,
	.C_VerifyRecover = no_C_VerifyRecover,
	.C_DigestEncryptUpdate = no_C_DigestEncryptUpdate,
	.C_DecryptDigestUpdate = no_C_DecryptDigestUpdate,
	.C_SignEncryptUpdate = no_C_SignEncryptUpdate,
	.C_DecryptVerifyUpdate = no_C_DecryptVerifyUpdate,
	.C_GenerateKey = no_C_GenerateKey,
	.C_GenerateKeyPair = no_C_GenerateKeyPair,
	.C_WrapKey = no_C_WrapKey,
	.C_UnwrapKey = no_C_UnwrapKey,
	.C_DeriveKey = no_C_DeriveKey,
	.C_SeedRandom = no_C_SeedRandom,
	.C_GenerateRandom = no_C_GenerateRandom,
	.C_GetFunctionStatus = no_C_GetFunctionStatus,
	.C_CancelFunction = no_C_CancelFunction,
};

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	if (!list)
		return CKR_ARGUMENTS_BAD;
	*list = &functions;
	return CKR_OK;
}
