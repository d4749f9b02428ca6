<?php
// Whose a bearer token is: https://www.mediawiki.org/wiki/Manual:SessionManager_and_AuthManager

use MediaWiki\Session\ImmutableSessionProviderWithCookie;
use MediaWiki\Session\SessionInfo;
use MediaWiki\Session\UserInfo;

class TokenSessionProvider extends ImmutableSessionProviderWithCookie {
	private array $names;

	public function __construct( array $params ) {
		parent::__construct( $params );
		$this->names = json_decode( getenv( 'WIKI_TOKENS' ), true );
	}

	public function provideSessionInfo( WebRequest $request ) {
		$sent = (string)$request->getHeader( 'Authorization' );
		if ( !preg_match( '/^Bearer (\S+)$/', $sent, $found ) || !isset( $this->names[$found[1]] ) ) {
			return null;
		}
		return new SessionInfo( SessionInfo::MAX_PRIORITY, [
			'provider' => $this,
			'id' => $this->hashToSessionId( $found[1] ),
			'userInfo' => UserInfo::newFromName( $this->names[$found[1]], true ),
			'persisted' => true,
			'forceUse' => true,
		] );
	}
}

$wgSessionProviders['token'] = [
	'class' => TokenSessionProvider::class,
	'args' => [ [ 'priority' => 50, 'sessionCookieName' => '_token' ] ],
];
