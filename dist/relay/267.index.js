export const id = 267;
export const ids = [267];
export const modules = {

/***/ 267:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   createAppTokens: () => (/* binding */ createAppTokens)
/* harmony export */ });
/* harmony import */ var _octokit_auth_app__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(479);
/* harmony import */ var _octokit_request__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(561);
/* harmony import */ var _http_answers_refusal_text_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(634);
/* harmony import */ var _http_errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(729);
/* harmony import */ var _http_exchange_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(905);
/* harmony import */ var _app_key_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(130);
/* harmony import */ var _dispatch_refusals_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(873);
/* harmony import */ var _known_messages_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(469);
/* harmony import */ var _tokens_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(781);









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
    const http = (0,_http_exchange_js__WEBPACK_IMPORTED_MODULE_2__/* .withPolicy */ .h)({ send, policy: tokenPolicy, clock, random });
    const request = _octokit_request__WEBPACK_IMPORTED_MODULE_7__/* .request */ .E.defaults({
        baseUrl: apiUrl,
        headers: { 'user-agent': 'auto-retrain-relay' },
        request: { fetch: asFetch(http, clock) },
    });
    const auth = (0,_octokit_auth_app__WEBPACK_IMPORTED_MODULE_8__/* .createAppAuth */ .K)({
        appId: credentials.appId,
        privateKey: (0,_app_key_js__WEBPACK_IMPORTED_MODULE_3__/* .toPkcs8 */ .t4)(credentials.privateKey),
        request,
    });
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
 * The `fetch` for octokit: its requests go through our policy and our sender. It throws for every refusal, since octokit
 * would drop the details.
 */
function asFetch(http, clock) {
    return async (url, init) => {
        const { method, headers, body } = init;
        const answer = await http(url, { method, headers, ...(body !== undefined && { body }) });
        const { status, text } = answer;
        if (status >= 300) {
            const exchange = { answer, method: method === 'GET' ? 'GET' : 'POST', url, now: clock.now() };
            throw new AppRefusal((0,_dispatch_refusals_js__WEBPACK_IMPORTED_MODULE_4__/* .toHttpError */ .e7)(exchange));
        }
        return new Response(text, { status, headers: { 'content-type': 'application/json' } });
    };
}
/** GitHub did not give a token; octokit wraps what its `fetch` throws. */
class AppRefusal extends Error {
    name = 'AppRefusal';
    answer;
    constructor(answer) {
        super(answer.message, { cause: answer });
        this.answer = answer;
    }
}
/**
 * What GitHub says about Apps alone, and what to do about it; its other messages are in the table that all requests
 * share. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const appMessages = [
    {
        says: /'(?:iat|exp)'|issued at|expiration time/i,
        advice: () => 'set the clock of this machine: the time in the request of the App is not the time of GitHub',
    },
    {
        says: /bad credentials|json web token|'iss'|\bissuer\b|integration not found/i,
        advice: () => 'GitHub rejects the id and the key of the App: check GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY, and the clock of this machine',
    },
    {
        says: /^not found$/i,
        advice: (repository) => `the App is not installed on ${repository}: install it there`,
    },
    {
        says: /permissions? requested|not granted/i,
        advice: (repository) => `the App lacks the permission Contents: write on ${repository}: grant it, and accept it in the installation`,
    },
    {
        says: /repository that does not exist|not accessible/i,
        advice: (repository) => `add ${repository} to the repositories of the App's installation`,
    },
];
function explainAppRefusal(error, repository) {
    const { status, words, isLimit, retryAfterMs } = error;
    const answered = `GitHub answered ${status} when the App asked for a token for ${repository}${(0,_http_answers_refusal_text_js__WEBPACK_IMPORTED_MODULE_0__/* .answerDetails */ .n)(error)}`;
    if (isLimit) {
        const message = `${answered}: the rate limit of the App is used up`;
        return new _tokens_js__WEBPACK_IMPORTED_MODULE_6__/* .CredentialsError */ .l(message, { permanent: false, retryAfterMs, cause: error });
    }
    if (status >= 500 || status === 408) {
        return new _tokens_js__WEBPACK_IMPORTED_MODULE_6__/* .CredentialsError */ .l(answered, { permanent: false, retryAfterMs, cause: error });
    }
    const moved = 'the repository was renamed or moved, so set GITHUB_REPOSITORY (or the route) to its new name';
    const own = appMessages.find(({ says }) => words !== null && says.test(words))?.advice(repository);
    const advice = status < 400 ? moved : (own ?? (0,_known_messages_js__WEBPACK_IMPORTED_MODULE_5__/* .adviseOnGitHub */ .d)(words, appAsk(repository)));
    return new _tokens_js__WEBPACK_IMPORTED_MODULE_6__/* .CredentialsError */ .l(`${answered}.${(0,_http_answers_refusal_text_js__WEBPACK_IMPORTED_MODULE_0__/* .nextSentence */ .H)(advice)}`, { permanent: true, cause: error });
}
function appAsk(repository) {
    const rights = `grant the App Contents: write on ${repository}, and accept it in the installation`;
    return { token: 'the App', repository, rights, renew: rights, missing: rights };
}
function toCredentialsError(cause, repository) {
    const known = findKnownCause(cause);
    if (known instanceof _tokens_js__WEBPACK_IMPORTED_MODULE_6__/* .CredentialsError */ .l)
        return known;
    if (known instanceof AppRefusal)
        return explainAppRefusal(known.answer, repository);
    if (known !== null) {
        const message = `GitHub did not answer when the App asked for a token: ${known.message}`;
        return new _tokens_js__WEBPACK_IMPORTED_MODULE_6__/* .CredentialsError */ .l(message, { permanent: false, cause });
    }
    const message = 'GITHUB_APP_PRIVATE_KEY is not a valid key: set it to the text of the .pem file from GitHub';
    return new _tokens_js__WEBPACK_IMPORTED_MODULE_6__/* .CredentialsError */ .l(message, { permanent: true, cause });
}
/** Octokit wraps the errors of its `fetch` in an error with status 500. */
function findKnownCause(error) {
    if (error instanceof AppRefusal || error instanceof _http_errors_js__WEBPACK_IMPORTED_MODULE_1__/* .NoAnswerError */ .i5)
        return error;
    return error instanceof Error ? findKnownCause(error.cause) : null;
}


/***/ })

};
