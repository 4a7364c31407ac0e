export const id = 267;
export const ids = [267];
export const modules = {

/***/ 267:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   createAppTokens: () => (/* binding */ createAppTokens)
/* harmony export */ });
/* harmony import */ var _octokit_auth_app__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(479);
/* harmony import */ var _octokit_request__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(561);
/* harmony import */ var _http_errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(729);
/* harmony import */ var _http_exchange_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(746);
/* harmony import */ var _http_headers_retry_after_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(236);
/* harmony import */ var _tokens_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(781);






/** Fits inside the time limit of a delivery. A token is created once an hour. */
const tokenPolicy = {
    perTryMs: 2_000,
    totalMs: 4_000,
    retries: 1,
    firstDelayMs: 250,
    retryUnsafe: true,
};
/**
 * Creates a source of GitHub App tokens. Each is valid for one repository, for `contents: write` only, and for an
 * hour; it is reused until a minute before it expires.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
 */
function createAppTokens(options) {
    const { credentials, send, apiUrl, clock, random } = options;
    const http = (0,_http_exchange_js__WEBPACK_IMPORTED_MODULE_1__/* .withPolicy */ .h)({ send, policy: tokenPolicy, clock, random });
    const request = _octokit_request__WEBPACK_IMPORTED_MODULE_3__/* .request */ .E.defaults({
        baseUrl: apiUrl,
        headers: { 'user-agent': 'auto-retrain-relay' },
        request: { fetch: asFetch(http, clock) },
    });
    const auth = (0,_octokit_auth_app__WEBPACK_IMPORTED_MODULE_4__/* .createAppAuth */ .K)({ appId: credentials.appId, privateKey: credentials.privateKey, request });
    const installations = new Map();
    const refused = new Set();
    const findInstallation = async (owner, repo) => {
        const key = `${owner}/${repo}`;
        const known = installations.get(key);
        if (known !== undefined)
            return known;
        const { token } = await auth({ type: 'app' });
        const headers = { authorization: `bearer ${token}` };
        const { data } = await request('GET /repos/{owner}/{repo}/installation', { owner, repo, headers });
        installations.set(key, data.id);
        return data.id;
    };
    return {
        async get(repository) {
            const [owner = '', repo = ''] = repository.split('/');
            try {
                const { token } = await auth({
                    type: 'installation',
                    installationId: await findInstallation(owner, repo),
                    repositoryNames: [repo],
                    permissions: { contents: 'write' },
                    refresh: refused.delete(repository),
                });
                return token;
            }
            catch (cause) {
                installations.delete(repository);
                throw toCredentialsError(cause, repository);
            }
        },
        forget(repository) {
            refused.add(repository);
            installations.delete(repository);
        },
    };
}
/**
 * The `fetch` for octokit: its requests go through our policy and our sender. It throws for the answers whose details
 * octokit would drop.
 */
function asFetch(http, clock) {
    return async (url, init) => {
        const { method, headers, body } = init;
        const answer = await http(url, { method, headers, ...(body !== undefined && { body }) });
        const { status, text } = answer;
        if ((0,_http_headers_retry_after_js__WEBPACK_IMPORTED_MODULE_5__/* .isRateLimited */ .Jz)(status, answer.headers, text)) {
            throw new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(`GitHub answered ${status}: the rate limit of the App is used up`, {
                permanent: false,
                retryAfterMs: (0,_http_headers_retry_after_js__WEBPACK_IMPORTED_MODULE_5__/* .retryAfterMs */ .Vs)(answer.headers, clock.now()),
            });
        }
        if (status >= 300 && status < 400) {
            const message = `GitHub answered ${status} when the App asked for a token: the repository was renamed or moved, so ` +
                'set GITHUB_REPOSITORY (or the route) to its new name';
            throw new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(message, { permanent: true });
        }
        return new Response(text, { status, headers: { 'content-type': 'application/json' } });
    };
}
function toCredentialsError(cause, repository) {
    const known = findKnownCause(cause);
    if (known instanceof _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l)
        return known;
    const status = cause instanceof Error && 'status' in cause && typeof cause.status === 'number' ? cause.status : null;
    const refusals = {
        401: 'GitHub rejects the id and the key of the App: check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and the clock of this machine',
        403: `the App cannot create a token for ${repository}: its installation is suspended, unsuspend it`,
        404: `the App is not installed on ${repository}: install it there`,
        422: `the App lacks the permission Contents: write on ${repository}: grant it, and accept it in the installation`,
    };
    const refusal = status === null ? undefined : refusals[status];
    if (refusal !== undefined)
        return new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(refusal, { permanent: true, cause });
    if (status === null && known === null) {
        const message = 'GITHUB_APP_PRIVATE_KEY is not a valid key: set it to the text of the .pem file from GitHub (on Workers as PKCS#8)';
        return new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(message, { permanent: true, cause });
    }
    const message = known !== null
        ? `GitHub did not answer when the App asked for a token: ${known.message}`
        : `GitHub answered ${status} when the App asked for a token`;
    return new _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l(message, { permanent: false, cause });
}
/** Octokit wraps the errors of its `fetch` in an error with status 500. */
function findKnownCause(error) {
    if (error instanceof _tokens_js__WEBPACK_IMPORTED_MODULE_2__/* .CredentialsError */ .l || error instanceof _http_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .NoAnswerError */ .i5)
        return error;
    return error instanceof Error ? findKnownCause(error.cause) : null;
}


/***/ })

};
