<?php
// What the guide's client does: sign in with name and password, print the decoded token.
// guide.php HOST: the credentials come from the environment, as a deployed script would read them.

$request = json_encode(['username' => getenv('GUIDE_USER'), 'password' => getenv('GUIDE_PASSWORD')]);
$curl = curl_init($argv[1] . '/rest/V1/integration/admin/token');
curl_setopt($curl, CURLOPT_CUSTOMREQUEST, 'POST');
curl_setopt($curl, CURLOPT_POSTFIELDS, $request);
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
curl_setopt($curl, CURLOPT_HTTPHEADER, ['Content-Type: application/json', 'Content-Length: ' . strlen($request)]);

$answer = curl_exec($curl);
if ($answer === false) {
    fwrite(STDERR, curl_error($curl) . "\n");
    exit(1);
}
echo json_decode($answer), "\n";
